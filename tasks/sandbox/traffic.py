"""What happens around every vendor call: it is noted, it may suffer a generic fault, and its effects are kept.

One `Traffic` stands before each vendor's app. `Log` is what `GET /requests` shows.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tasks.sandbox.world import World

SYSTEMS = ("salesforce", "hubspot", "aloware")
SILENCE_SECONDS = 60.0
RETRY_AFTER = "1"  # seconds; a vendor that is busy says how long, or doesn't
_PAGE = "<!DOCTYPE html><html><head><title>We will be right back</title></head><body></body></html>"

# Calls that only read although their method is not GET, by how the path ends.
_READ_ENDINGS = ("/search", "/batch/read", "/token", "/introspect", "/userinfo", "/parameterizedSearch", "/jobs/query")
_COMPOSITES = ("/composite", "/composite/batch", "/composite/graph")


@dataclass(frozen=True)
class Call:
    """One request to a vendor: its path without the query, the status of its answer (None: cut off)."""

    system: str
    method: str
    path: str
    status: int | None
    at: str
    write: bool


@dataclass
class Log:
    """The calls made to the vendors since the start or the last clearing."""

    calls: list[Call] = field(default_factory=list)

    def shown(self, system: str | None) -> dict[str, Any]:
        """The calls of one system, or of all, with their counts."""
        calls = [call for call in self.calls if system in (None, call.system)]
        counts = {name: {"read": 0, "write": 0} for name in SYSTEMS}
        for call in calls:
            counts[call.system]["write" if call.write else "read"] += 1
        return {"requests": [asdict(call) for call in calls], "counts": counts}


class Traffic:
    """ASGI middleware: notes each request, applies the faults that all vendors share, and commits what was done."""

    def __init__(self, system: str, app: ASGIApp, world: World, busy: Callable[[str], Response], log: Log) -> None:
        self._system, self._app, self._world, self._busy, self._log = system, app, world, busy, log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await Request(scope, receive).body()
        except ClientDisconnect:  # whoever is gone before the end of a question has asked nothing
            return
        if self._suffers("reset", scope):
            self._note(scope, body, None)
            await _hang_up(receive, send)
        elif refusal := self._refusal(scope):
            self._note(scope, body, refusal.status_code)
            await refusal(scope, receive, send)
        else:
            silent = self._suffers("timeout", scope)
            answer = await self._work(scope, body, receive)
            if _is_json(answer) and self._suffers("truncated", scope):
                await _cut(answer, receive, send)
            elif not silent or await _silence(receive, send):
                for message in answer:
                    await send(message)

    def _refusal(self, scope: Scope) -> Response | None:
        """What is answered in place of the vendor's work."""
        if self._suffers("429", scope):
            answer = self._busy("429")
            answer.headers["Retry-After"] = RETRY_AFTER
            return answer
        if self._suffers("html", scope):
            return HTMLResponse(_PAGE)
        busy = {"429-bare": "429", "503": "503"}
        return next((self._busy(said) for kind, said in busy.items() if self._suffers(kind, scope)), None)

    async def _work(self, scope: Scope, body: bytes, receive: Receive) -> list[Message]:
        """Let the vendor do the work; gives its answer, unsent. What it did is kept even when it fails."""
        answer: list[Message] = []
        status = 500

        async def keep(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            answer.append(message)

        try:
            await self._app(scope, _replay(body, receive), keep)
        finally:
            self._world.store.commit()
            self._note(scope, body, status)
        return answer

    def _suffers(self, kind: str, scope: Scope) -> bool:
        return self._world.faults.take(self._system, kind, scope["path"])

    def _note(self, scope: Scope, body: bytes, status: int | None) -> None:
        method, path = scope["method"], scope["path"]
        at = self._world.clock.now().isoformat(timespec="milliseconds")
        write = writes(self._system, method, path, body)
        self._log.calls.append(Call(self._system, method, path, status, at, write))


def writes(system: str, method: str, path: str, body: bytes) -> bool:
    """Whether the call could change a row."""
    if method in ("GET", "HEAD", "OPTIONS") or path.endswith(_READ_ENDINGS):
        return False
    if system == "salesforce":
        return _salesforce_writes(method, path, body)
    return True


def _salesforce_writes(method: str, path: str, body: bytes) -> bool:
    if path.endswith(_COMPOSITES):
        return _composite_writes(body)
    retrieve = method == "POST" and "/composite/sobjects/" in path
    return not (retrieve or "/jobs/query/" in path)


def _composite_writes(body: bytes) -> bool:
    """A composite call writes when one of its parts does."""
    try:
        sent = json.loads(body)
    except ValueError:
        return False
    graphs = sent.get("graphs") or [sent]
    parts = [part for graph in graphs for part in graph.get("compositeRequest") or graph.get("batchRequests") or []]
    return any(
        writes("salesforce", str(part.get("method", "GET")).upper(), str(part.get("url", "")).split("?")[0], b"")
        for part in parts
    )


def _replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body again, then whatever comes after it."""
    rest: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return rest.pop() if rest else await receive()

    return replayed


def _is_json(answer: list[Message]) -> bool:
    """Whether there is a body and it is JSON."""
    kind = Headers(raw=answer[0]["headers"]).get("content-type", "").partition(";")[0]
    return kind.endswith("json") and any(message.get("body") for message in answer)


async def _cut(answer: list[Message], receive: Receive, send: Send) -> None:
    """Announce the whole answer, send half of it, and close the connection."""
    body = b"".join(message.get("body", b"") for message in answer)
    headers = [(name, value) for name, value in answer[0]["headers"] if name.lower() != b"content-length"]
    await send({**answer[0], "headers": [*headers, (b"content-length", str(len(body)).encode())]})
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    await _hang_up(receive, send)


async def _silence(receive: Receive, send: Send) -> bool:
    """Say nothing for a minute; whether the caller still listens then."""
    try:
        await asyncio.wait_for(receive(), SILENCE_SECONDS)  # only a disconnect can come
        return False
    except TimeoutError:
        return True
    except asyncio.CancelledError:  # the server stops
        await _hang_up(receive, send)
        return False


async def _hang_up(receive: Receive, send: Send) -> None:
    """Close the connection, with no more of an answer. ASGI has no word for it, so this is uvicorn's own transport."""
    send.__self__.transport.close()  # type: ignore[attr-defined]
    while (await receive())["type"] != "http.disconnect":
        continue
