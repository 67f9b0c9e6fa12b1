"""What every data call shares: the session check, the usage header, bodies and addresses."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from tasks.sandbox.salesforce.automation import Asked, asked
from tasks.sandbox.salesforce.describe import Schema, need_schema
from tasks.sandbox.salesforce.errors import NO_SUCH_RESOURCE, Refusal, locked
from tasks.sandbox.salesforce.oauth import session_holds
from tasks.sandbox.salesforce.org import read_stamp
from tasks.sandbox.world import World

DAILY_CALLS = 15_000
LOWEST, HIGHEST = 31, 66  # API versions served
MAX_URI = 16_384  # bytes of the URI, and of URI and headers together
Handler = Callable[[Request], Awaitable[Response]]
PART = "salesforce.part"  # marks a part of a composite call in its scope: the whole is one call


def world_of(request: Request) -> World:
    world: World = request.app.state.world
    return world


def version_of(request: Request) -> str:
    """`60.0`, as it stands in the address."""
    return f"{request.path_params['version']}.0"


def asked_of(request: Request) -> Asked:
    """How the client wants its write done."""
    return asked(request.headers, version_of(request))


def schema_of(request: Request) -> Schema:
    return need_schema(world_of(request), request.path_params["object"])


def guarded(handler: Handler) -> Handler:
    """A data call: needs a live session, counts against the daily limit, and answers refusals as the vendor does."""

    async def run(request: Request) -> Response:
        world = world_of(request)
        try:
            _check_version(request)
            _check_session(world, request)
            _check_limit(world)
            response = await handler(request)
        except Refusal as refusal:
            response = refusal.response()
        used = calls_used(world) if PART in request.scope else world.store.next(_counter(world, "calls"))
        response.headers["Sforce-Limit-Info"] = f"api-usage={used}/{DAILY_CALLS}"
        return response

    return run


def _check_version(request: Request) -> None:
    if not LOWEST <= request.path_params.get("version", HIGHEST) <= HIGHEST:
        raise Refusal("NOT_FOUND", NO_SUCH_RESOURCE, None, 404)


def _check_session(world: World, request: Request) -> None:
    if not session_holds(world, request.headers.get("authorization", ""), request.url.path):
        raise Refusal("INVALID_SESSION_ID", "Session expired or invalid", None, 401)


def _check_limit(world: World) -> None:
    """The daily limit, where real limits are asked for. Salesforce says 403 here, not 429."""
    if world.real_limits and calls_used(world) >= DAILY_CALLS:
        raise Refusal("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", None, 403)


def calls_used(world: World) -> int:
    """The data calls made today."""
    return spent(world, "calls")


def spent(world: World, name: str) -> int:
    """How much of a daily allowance is used up."""
    return int(world.store.fact(_counter(world, name), 1)) - 1


def spend(world: World, name: str, most: int, words: str) -> None:
    """Use one of a daily allowance. Raises Refusal where real limits are asked for and nothing is left."""
    used = world.store.next(_counter(world, name))
    if world.real_limits and used > most:
        raise Refusal("LIMIT_EXCEEDED", f"Max {words} ({most}) per 24 hrs has been exceeded ({used})", None)


def _counter(world: World, name: str) -> str:
    return f"salesforce.{name}.{world.clock.now():%Y-%m-%d}"


async def body_of(request: Request) -> dict[str, Any]:
    """The JSON object that a client sent. Raises JSON_PARSER_ERROR."""
    try:
        body = json.loads(await request.body())
    except ValueError as error:
        raise Refusal("JSON_PARSER_ERROR", f"Unexpected character or end of input: {error}", None) from None
    if not isinstance(body, dict):
        raise Refusal("JSON_PARSER_ERROR", "The HTTP entity body must be a JSON object", None)
    return body


def names_of(request: Request, key: str) -> list[str]:
    """A comma-separated query parameter as a list."""
    return [name.strip() for name in request.query_params.get(key, "").split(",") if name.strip()]


def check_lock(world: World, request: Request, record_id: str = "") -> None:
    """The scripted fault `lock` on a single write."""
    if world.faults.take("salesforce", "lock", request.url.path):
        raise locked(record_id)


def http_date(stamp: str) -> str:
    """`Fri, 01 May 2026 07:25:37 GMT`."""
    return format_datetime(read_stamp(stamp).astimezone(UTC), usegmt=True)


def http_moment(text: str | None) -> datetime | None:
    """The time that such a header says, None where it says none."""
    try:
        at = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def moment_of(request: Request, key: str) -> datetime:
    """A datetime parameter. Raises INVALID_REPLICATION_DATE."""
    try:
        at = datetime.fromisoformat(request.query_params.get(key, "").replace(" ", "+"))
    except ValueError:
        raise Refusal("INVALID_REPLICATION_DATE", f"{key}Date is missing or malformed", None) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


async def not_found(request: Request, error: Exception) -> Response:
    """An address that no route knows, or a method that it doesn't take."""
    if isinstance(error, HTTPException) and error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "").replace(" ", "")
        message = f"HTTP Method '{request.method}' not allowed. Allowed are {allowed}"
        return Refusal("METHOD_NOT_ALLOWED", message, None, 405).response()
    return Refusal("NOT_FOUND", NO_SUCH_RESOURCE, None, 404).response()


class Edge:
    """The front of the org: refuses over-long addresses, and takes a trailing slash for none."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and PART not in scope:
            uri = len(scope.get("raw_path") or scope["path"].encode()) + len(scope["query_string"])
            headers = sum(len(name) + len(value) + 4 for name, value in scope["headers"])
            if uri + headers > MAX_URI:
                status, message = (414, "URI Too Long") if uri > MAX_URI else (431, "Request Header Fields Too Large")
                await Response(message, status)(scope, receive, send)
                return
            scope = {**scope, "path": scope["path"].rstrip("/") or "/"}
        await self._app(scope, receive, send)
