"""A HubSpot emulator on loopback, served to tests over real HTTP. Import what you need; nothing here is automatic."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from tasks.sandbox.hubspot import app, seed
from tasks.sandbox.serving import bind, listening
from tasks.sandbox.store import Store
from tasks.sandbox.world import World

LONG_AGO = datetime(2024, 3, 1, 12, 30, 0, 250_000, tzinfo=UTC)
CONTACTS = "/crm/v3/objects/contacts"
PROPERTIES = "/crm/v3/properties/contacts"


@dataclass
class Portal:
    """One emulator: its world and an authorised HTTP client."""

    world: World
    http: httpx.Client

    @property
    def url(self) -> str:
        return str(self.http.base_url).rstrip("/")

    @property
    def token(self) -> str:
        return self.world.credential("hubspot.token")

    def seed(self, **values: str) -> str:
        """A contact of long ago."""
        return seed(self.world, values, LONG_AGO)

    def post(self, path: str, body: Any) -> httpx.Response:
        return self.http.post(path, json=body)

    def search(self, body: dict[str, Any]) -> dict[str, Any]:
        """A search that must succeed."""
        answer = self.post(f"{CONTACTS}/search", body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def emails(self, *filters: dict[str, Any]) -> list[str | None]:
        """The addresses that one group of filters finds."""
        found = self.search({"filterGroups": [{"filters": list(filters)}], "limit": 200})
        return [result["properties"]["email"] for result in found["results"]]


class Stage:
    """One server for many worlds, one at a time: starting a server costs more than most tests."""

    def __init__(self) -> None:
        self.url = ""
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self._app is not None
        await self._app(scope, receive, send)

    @contextmanager
    def portal(self, world: World | None = None) -> Iterator[Portal]:
        """A fresh portal on this server until the block ends."""
        world = world or World(Store())
        self._app = app(world)
        headers = {"Authorization": f"Bearer {world.credential('hubspot.token')}"}
        with httpx.Client(base_url=self.url, headers=headers) as http:
            yield Portal(world, http)


@contextmanager
def staged() -> Iterator[Stage]:
    """A server waiting for portals."""
    stage = Stage()
    with listening([stage], bind([0])) as (stage.url,):
        yield stage
