"""The door of the HubSpot emulator: token, limits, scripted refusals, and the headers of every answer."""

from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tasks.sandbox.hubspot.errors import Refusal, answer, locked, unauthorised
from tasks.sandbox.hubspot.limits import Limits
from tasks.sandbox.world import World


def _writes(method: str, path: str) -> bool:
    if method == "POST":
        return not path.endswith(("/search", "/batch/read"))
    return method in ("PATCH", "PUT", "DELETE")


class Guard:
    """Middleware that lets a call in or refuses it, and signs every answer."""

    def __init__(self, app: ASGIApp, world: World, limits: Limits) -> None:
        self._app, self._world, self._limits = app, world, limits
        # A private app's token and its successor, a service key, are sent and treated alike (fact sheet, section 0.3).
        self._known = {f"Bearer {world.credential(name)}" for name in ("hubspot.token", "hubspot.service_key")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        search, app = scope["path"].endswith("/search"), Headers(scope=scope).get("authorization", "")
        refusal = self._refusal(scope, app, search)

        async def signed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("X-HubSpot-Correlation-Id", str(uuid4()))
                headers.update(self._limits.headers(app, search) if app in self._known else {})
            await send(message)

        await (answer(refusal) if refusal else self._app)(scope, receive, signed)

    def _refusal(self, scope: Scope, app: str, search: bool) -> Refusal | None:
        path, faults = scope["path"], self._world.faults
        if app not in self._known or faults.take("hubspot", "expire", path):
            return unauthorised()
        if refusal := self._limits.admit(app, search):
            return refusal
        if _writes(scope["method"], path) and faults.take("hubspot", "lock", path):
            return locked()
        return None
