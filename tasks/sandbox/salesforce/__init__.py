"""The Salesforce emulator: OAuth, describe, rows, SOQL, collections, replication, and what people do on screen.

Part of the mirror world. `app(world)` serves it over HTTP; `seed`, `convert` and `merge` act behind the API.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tasks.sandbox.salesforce import collections, oauth, records, replication
from tasks.sandbox.salesforce.composite import composite
from tasks.sandbox.salesforce.describe import hide, need_schema
from tasks.sandbox.salesforce.errors import answer, busy
from tasks.sandbox.salesforce.life import convert, merge
from tasks.sandbox.salesforce.org import born, integration_user, open_tables, person_user
from tasks.sandbox.salesforce.query import Cursors, more, page_size, run
from tasks.sandbox.salesforce.rows import defaults, insert
from tasks.sandbox.salesforce.web import (
    DAILY_CALLS,
    HIGHEST,
    LOWEST,
    Edge,
    Handler,
    calls_used,
    guarded,
    not_found,
    version_of,
    world_of,
)
from tasks.sandbox.world import World

__all__ = ["app", "busy", "convert", "hide", "merge", "seed"]

_BASE = "/services/data/v{version:int}.0"


def app(world: World) -> Starlette:
    """The emulator of one world."""
    served = Starlette(
        routes=[*_open_routes(), *_data_routes()],
        middleware=[Middleware(Edge)],
        exception_handlers={404: not_found, 405: not_found},
    )
    served.state.world, served.state.cursors = world, Cursors()
    open_tables(world)
    integration_user(world)
    return served


def seed(world: World, object_name: str, values: Mapping[str, Any], at: datetime) -> str:
    """Insert a row without any check, as if a person had made it at `at`; gives its id."""
    found, person = need_schema(world, object_name), person_user(world)
    return insert(world, found.name, defaults(found, person) | born(at, person) | dict(values))


def _open_routes() -> list[Route]:
    return [
        Route("/services/oauth2/token", oauth.token, methods=["POST"]),
        Route("/services/oauth2/introspect", oauth.introspect, methods=["POST"]),
        Route("/services/oauth2/userinfo", oauth.userinfo, methods=["GET", "POST"]),
        Route("/services/data", _versions),
    ]


def _data_routes() -> list[Route]:
    """Every data call; a path with several methods has a route for each."""
    several, one = "/composite/sobjects", "/sobjects/{object}"
    table: list[tuple[str, str, Handler]] = [
        ("GET", "", _resources),
        ("GET", "/limits", _limits),
        ("GET", "/query", _query),
        ("GET", "/query/{locator}", _more),
        ("GET", "/queryAll", _query_all),
        ("GET", "/queryAll/{locator}", _more),
        ("POST", "/composite", composite),
        ("POST", several, collections.create),
        ("PATCH", several, collections.update),
        ("DELETE", several, collections.delete),
        ("GET", several + "/{object}", collections.retrieve),
        ("POST", several + "/{object}", collections.retrieve),
        ("PATCH", several + "/{object}/{field}", collections.upsert),
        ("GET", "/sobjects", records.list_objects),
        ("GET", one, records.read_object),
        ("POST", one, records.create),
        ("GET", one + "/describe", records.describe_object),
        ("GET", one + "/updated", replication.updated),
        ("GET", one + "/deleted", replication.deleted),
        ("GET", one + "/{id}", records.read),
        ("PATCH", one + "/{id}", records.update),
        ("DELETE", one + "/{id}", records.delete),
        ("GET", one + "/{field}/{value}", records.read_by_field),
        ("PATCH", one + "/{field}/{value}", records.upsert),
    ]
    return [Route(_BASE + path, guarded(handler), methods=[method]) for method, path, handler in table]


async def _versions(request: Request) -> Response:
    """Public, and not counted."""
    numbers = range(LOWEST, HIGHEST + 1)
    return answer([{"label": _label(n), "url": f"/services/data/v{n}.0", "version": f"{n}.0"} for n in numbers])


def _label(number: int) -> str:
    """v31 is Summer '14; three releases a year."""
    year, season = divmod(number - 30, 3)
    return f"{('Spring', 'Summer', 'Winter')[season]} '{14 + year + (season == 2)}"


async def _resources(request: Request) -> Response:
    base = f"/services/data/v{version_of(request)}"
    return answer({name: f"{base}/{name}" for name in ("composite", "limits", "query", "queryAll", "sobjects")})


async def _limits(request: Request) -> Response:
    left = max(0, DAILY_CALLS - calls_used(world_of(request)))
    return answer({"DailyApiRequests": {"Max": DAILY_CALLS, "Remaining": left}})


async def _query(request: Request) -> Response:
    return _answered(request, deleted=False)


async def _query_all(request: Request) -> Response:
    return _answered(request, deleted=True)


def _answered(request: Request, *, deleted: bool) -> Response:
    size = page_size(request.headers.get("sforce-query-options"))
    text = request.query_params.get("q", "")
    cursors: Cursors = request.app.state.cursors
    return answer(run(world_of(request), cursors, text, version_of(request), size, deleted=deleted))


async def _more(request: Request) -> Response:
    return answer(more(request.app.state.cursors, request.path_params["locator"], version_of(request)))
