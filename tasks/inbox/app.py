"""The inbox over HTTP: POST to / or /aloware what Aloware (or Zapier) tells, to /hubspot what HubSpot tells.

200 means that it is stored. Aloware never sends anything twice (fact sheet, section 2.1), so nothing is refused that
may be of use: only what no sender of ours would send.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tasks.core.errors import TandemError
from tasks.inbox.guard import Guard
from tasks.inbox.keeper import Keeper, Post

LONGEST = 1_000_000  # bytes of one post


class Refused(Exception):
    """Answered with that status and sentence; nothing is stored."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def app(
    keep: Callable[[Sequence[Post]], None], guard: Guard, now: Callable[[], datetime], public_url: str | None = None
) -> Starlette:
    """The listener. `keep` stores posts durably; `public_url` is the address that HubSpot was given, where that isn't
    the one that requests name."""
    keeper = Keeper(keep)

    async def aloware(request: Request) -> JSONResponse:
        if not guard.knows_password(request.headers.get("authorization", "")):
            raise Refused(401, "The password isn't the one that this inbox was given.")
        text = await _text(request)
        if not isinstance(_decoded(text), dict):
            raise Refused(400, "An event is a JSON object.")
        await _stored(keeper, [Post("aloware", now(), text)])
        return JSONResponse({"stored": 1})

    async def hubspot(request: Request) -> JSONResponse:
        if guard.hubspot is None:
            raise Refused(401, "This inbox knows no HUBSPOT_CLIENT_SECRET, and takes nothing of HubSpot's without it.")
        text, at = await _text(request), now()
        url = str(request.url.replace(**_address(public_url)) if public_url else request.url)
        if not guard.signed(request.method, url, text.encode(), dict(request.headers), at):
            raise Refused(401, "The signature isn't HubSpot's, or is older than five minutes.")
        events = _decoded(text)
        if not isinstance(events, list):
            raise Refused(400, "HubSpot's events come as a JSON array.")
        await _stored(keeper, [Post("hubspot", at, msgspec.json.encode(event).decode()) for event in events])
        return JSONResponse({"stored": len(events)})

    async def health(_request: Request) -> JSONResponse:
        return JSONResponse({"listening": True})

    return Starlette(
        routes=[
            Route("/", aloware, methods=["POST"]),
            Route("/aloware", aloware, methods=["POST"]),
            Route("/hubspot", hubspot, methods=["POST"]),
            Route("/health", health),
        ],
        exception_handlers={Refused: _refused},
    )


async def _stored(keeper: Keeper, posts: Sequence[Post]) -> None:
    """HubSpot sends again what couldn't be stored; Aloware doesn't."""
    try:
        await keeper.store(posts)
    except TandemError as error:
        logging.getLogger(__name__).error("an event couldn't be stored: %s", error)
        raise Refused(503, "It couldn't be stored now.") from None


async def _text(request: Request) -> str:
    """The body, read no further than it may be long."""
    parts, length = [], 0
    async for part in request.stream():
        length += len(part)
        if length > LONGEST:
            raise Refused(413, f"An event has at most {LONGEST:,} bytes.")
        parts.append(part)
    try:
        return b"".join(parts).decode()
    except UnicodeDecodeError:
        raise Refused(400, "The body isn't UTF-8.") from None


def _decoded(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        raise Refused(400, "The body isn't JSON.") from None


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)
    return JSONResponse({"error": str(error)}, error.status)


def _address(url: str) -> dict[str, str]:
    parts = urlsplit(url)
    return {"scheme": parts.scheme, "netloc": parts.netloc}
