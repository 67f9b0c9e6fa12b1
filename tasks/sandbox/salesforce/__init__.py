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

from tasks.sandbox.salesforce import bulk_ingest, bulk_query, collections, oauth, records, replication
from tasks.sandbox.salesforce.automation import assign, guard
from tasks.sandbox.salesforce.bulk import Book
from tasks.sandbox.salesforce.composite import composite
from tasks.sandbox.salesforce.describe import hide, need_schema
from tasks.sandbox.salesforce.errors import answer, busy
from tasks.sandbox.salesforce.grants import jwt_key, refresh_token, username
from tasks.sandbox.salesforce.life import convert, merge
from tasks.sandbox.salesforce.org import born, establish, open_tables, person_user
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
    spent,
    version_of,
    world_of,
)
from tasks.sandbox.world import World

__all__ = ["app", "assign", "busy", "convert", "credentials", "guard", "hide", "merge", "seed"]

_BASE = "/services/data/v{version:int}.0"


def app(world: World) -> Starlette:
    """The emulator of one world."""
    served = Starlette(
        routes=[*_open_routes(), *_data_routes()],
        middleware=[Middleware(Edge)],
        exception_handlers={404: not_found, 405: not_found},
    )
    served.state.world, served.state.cursors = world, Cursors()
    served.state.query_jobs, served.state.ingest_jobs = Book(), Book()
    open_tables(world)
    establish(world)
    return served


def credentials(world: World) -> dict[str, str]:
    """What lets a client in: as itself, as a user with a key, or as whoever gave the refresh token."""
    secrets = {name: world.credential(f"salesforce.{name}") for name in ("client_id", "client_secret")}
    return secrets | {"refresh_token": refresh_token(world), "username": username(world), "jwt_key": jwt_key(world)}


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
        *bulk_query.ROUTES,
        *bulk_ingest.ROUTES,
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
    world = world_of(request)
    used = {
        "DailyApiRequests": (DAILY_CALLS, calls_used(world)),
        "DailyBulkApiBatches": (bulk_ingest.DAILY_BATCHES, spent(world, "bulk_batches")),
        "DailyBulkV2QueryJobs": (bulk_query.DAILY_JOBS, spent(world, "bulk_query_jobs")),
    }
    return answer({name: {"Max": most, "Remaining": max(0, most - count)} for name, (most, count) in used.items()})


async def _query(request: Request) -> Response:
    return _answered(request, deleted=False)


async def _query_all(request: Request) -> Response:
    return _answered(request, deleted=True)


def _answered(request: Request, *, deleted: bool) -> Response:
    size = page_size(request.headers.get("sforce-query-options"))
    text = request.query_params.get("q", "")
    cursors: Cursors = request.app.state.cursors
    world, version = world_of(request), version_of(request)
    return answer(run(world, cursors, text, version, size, deleted=deleted, short=_short(request)))


async def _more(request: Request) -> Response:
    cursors, locator = request.app.state.cursors, request.path_params["locator"]
    return answer(more(cursors, locator, version_of(request), short=_short(request)))


def _short(request: Request) -> bool:
    """The scripted fault `short`: the size of a page is nobody's promise."""
    return world_of(request).faults.take("salesforce", "short", request.url.path)
