"""`/composite`: several calls in one, each answered with its own status."""

from collections.abc import MutableMapping
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Scope

from tasks.sandbox.salesforce.errors import Refusal, answer
from tasks.sandbox.salesforce.web import PART, body_of

MOST = 25
_SHOWN = ("location",)  # the headers that a part's answer repeats


async def composite(request: Request) -> Response:
    """Run the parts in order. A failing part doesn't fail the call: the outer status stays 200 (recorded)."""
    parts = (await body_of(request)).get("compositeRequest")
    if not isinstance(parts, list) or not parts or not all(isinstance(part, dict) for part in parts):
        raise Refusal("REQUIRED_FIELD_MISSING", "compositeRequest is required", None)
    if len(parts) > MOST:
        raise Refusal("LIMIT_EXCEEDED", f"Limit of {MOST} subrequests exceeded", None)
    return answer({"compositeResponse": [await _part(request, part) for part in parts]})


async def _part(request: Request, part: dict[str, Any]) -> dict[str, Any]:
    body = b"" if part.get("body") is None else msgspec.json.encode(part["body"])
    status, headers, answered = await _call(request.app, _scope(request, part), body)
    shown = {name.title(): value for name, value in headers.items() if name in _SHOWN}
    return {
        "body": msgspec.json.decode(answered) if answered else None,
        "httpHeaders": shown,
        "httpStatusCode": status,
        "referenceId": part.get("referenceId"),
    }


def _scope(request: Request, part: dict[str, Any]) -> Scope:
    url = urlsplit(str(part.get("url", "")))
    # The recorded parts have plain spaces in their queries.
    query = quote(url.query, safe="=&+%,'()*!:/?@-._~$;<>").encode()
    own = {name.lower().encode(): str(value).encode() for name, value in (part.get("httpHeaders") or {}).items()}
    shared = {name: value for name, value in request.scope["headers"] if name != b"content-length"}
    return {
        **{key: request.scope[key] for key in ("type", "asgi", "http_version", "scheme", "server", "client")},
        "method": str(part.get("method", "GET")).upper(),
        "path": unquote(url.path).rstrip("/"),
        "raw_path": url.path.encode(),
        "root_path": "",
        PART: True,
        "query_string": query,
        "headers": list((shared | own).items()),
    }


async def _call(app: ASGIApp, scope: Scope, body: bytes) -> tuple[int, dict[str, str], bytes]:
    """One part through the emulator's own routes."""
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:])
