"""Aloware's public API: one contact written by phone, one read by phone, the users, and our catalogue extension.

Everything else answers 200 with HTML, as the vendor's catch-all does (fact sheet, section 1.1: recorded).
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from tasks.sandbox.aloware import contacts, dispositions, events, fields, users
from tasks.sandbox.aloware.answers import Refused
from tasks.sandbox.store import Row
from tasks.sandbox.world import World

Params = dict[str, Any]
Handler = Callable[[World, Request, Params], Response]

CATALOGUE = "/api/v1/catalogue/dispositions"
CALLS_PER_MINUTE = 5000  # fact sheet, section 1.6
LOOKUP_SECONDS = 1.3  # measured; only under real limits
CATCH_ALL = "<!doctype html><html><head><title>Aloware</title></head><body><div id=app></div></body></html>"
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def app(world: World) -> Starlette:
    """The vendor's port: authenticated JSON on the known routes, HTML on all others."""
    door = _Door(world)
    known: list[tuple[str, str, Handler]] = [
        ("POST", "/api/v1/webhook/forms", _forms),
        ("GET", "/api/v1/webhook/contact/phone-number", _look_up),
        ("GET", "/api/v1/webhook/users", _users),
        ("GET", CATALOGUE, _list_dispositions),
        ("POST", CATALOGUE, _create_disposition),
        ("PATCH", CATALOGUE + "/{id}", _change_disposition),
        ("DELETE", CATALOGUE + "/{id}", _remove_disposition),
    ]
    routes = [Route(path, door.admit(handler), methods=[method]) for method, path, handler in known]
    return Starlette(routes=[*routes, Route("/{path:path}", _catch_all, methods=METHODS)])


def busy(kind: str) -> Response:
    """How Aloware says that it is too busy: `429` with its own code (fact sheet, section 1.6), or `503`."""
    if kind == "429":
        return JSONResponse({"code": 20429, "message": "Too Many Requests"}, 429)
    return JSONResponse({"message": "Service Unavailable"}, 503)


class _Door:
    """Lets a request in: the token, the JSON body, and the limit per minute where real limits are asked for."""

    def __init__(self, world: World) -> None:
        self._world, self._minute, self._calls = world, 0, 0

    def admit(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            if self._world.real_limits and self._over_limit():
                return busy("429")
            if self._world.real_limits and handler is _look_up:
                await asyncio.sleep(LOOKUP_SECONDS)
            try:
                return handler(self._world, request, await self._params(request))
            except Refused as refusal:
                return JSONResponse(refusal.body, refusal.status)

        return endpoint

    def _over_limit(self) -> bool:
        minute = int(self._world.clock.now().timestamp() // 60)
        if minute != self._minute:
            self._minute, self._calls = minute, 0
        self._calls += 1
        return self._calls > CALLS_PER_MINUTE

    async def _params(self, request: Request) -> Params:
        """The query of a GET or DELETE, the JSON body of the others: where the token is looked for."""
        if request.method in ("GET", "DELETE"):
            params: Params = dict(request.query_params)
        else:
            params = _object(await request.body())
        if params.get("api_token") != self._world.credential("aloware.token"):
            raise Refused(401, {"message": "Unauthenticated.", "errors": {"api_token": ["The api token is invalid."]}})
        return params


def _object(body: bytes) -> Params:
    try:
        sent = json.loads(body)
    except ValueError:
        sent = None
    if not isinstance(sent, dict):
        raise Refused(400, {"error": "The body must be a JSON object."})
    return sent


def _forms(world: World, request: Request, sent: Params) -> Response:
    """Create or update by phone; the answer is a bare message (fact sheet, section 1.3)."""
    number = fields.phone(sent.get("phone_number"))
    row = contacts.by_phone(world, number) if number else None
    if world.faults.take("aloware", "partial", request.url.path):
        sent = _half(sent)
    if row is None:
        row = contacts.add(world, sent, world.clock.now(), fields.API)
        events.contact_created(world, row)
        return JSONResponse({"message": "Contact created."}, 201)
    if sent.get("force_update") not in (True, 1, "1", "true"):
        sent = _unforced(world, row, sent)
    saved = contacts.overwrite(world, row, sent, world.clock.now())
    events.contact_changed(world, row, saved)
    return JSONResponse({"message": "Contact updated."})


def _half(sent: Params) -> Params:
    """A form of which only the first half is carried out, though the answer is the usual one."""
    how = [name for name in sent if name in ("api_token", "phone_number", "force_update")]
    what = [name for name in sent if name not in how]
    return {name: sent[name] for name in (*how, *what[: len(what) // 2])}


def _unforced(world: World, row: Row, sent: Params) -> Params:
    """What is done for a known number without `force_update`, on which sources disagree (fact sheet, section 1.3)."""
    status = world.switches.forms_exists_status
    if status == 200:
        return {name: value for name, value in sent.items() if row.get(name) in (None, "", [])}
    raise Refused(status, {"message" if status == 409 else "error": "Contact already exists."})


def _look_up(world: World, request: Request, sent: Params) -> Response:
    """One contact by its primary number."""
    number = fields.phone(sent.get("phone_number"))
    if number is None:
        raise Refused(400, {"error": "Phone number is empty or invalid."})
    row = contacts.by_phone(world, number)
    if row is None:
        raise Refused(404, {"error": "Contact not found."})
    wrapper = world.switches.lookup_wrapper
    return JSONResponse({wrapper: contacts.view(row)} if wrapper else contacts.view(row))


def _users(world: World, request: Request, sent: Params) -> Response:
    return JSONResponse([users.view(row) for row in users.table(world).rows()])


def _list_dispositions(world: World, request: Request, sent: Params) -> Response:
    return JSONResponse(dispositions.listing(world))


def _create_disposition(world: World, request: Request, sent: Params) -> Response:
    row, new = dispositions.create(world, sent)
    return JSONResponse(row, 201 if new else 200)


def _change_disposition(world: World, request: Request, sent: Params) -> Response:
    return JSONResponse(dispositions.change(world, request.path_params["id"], sent))


def _remove_disposition(world: World, request: Request, sent: Params) -> Response:
    disposition = request.path_params["id"]
    dispositions.remove(world, disposition, bool(contacts.table(world).find("disposition", disposition)))
    return Response(status_code=204)


async def _catch_all(request: Request) -> Response:
    return HTMLResponse(CATCH_ALL)
