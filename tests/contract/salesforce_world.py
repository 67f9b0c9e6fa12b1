"""A served Salesforce emulator for the contract tests: an org, a session on it, and short ways to ask it things."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from tasks.sandbox import salesforce
from tasks.sandbox.serving import bind, listening, origin
from tasks.sandbox.store import Store
from tasks.sandbox.world import World

VERSION = "60.0"
LONG_AGO = datetime(2024, 3, 1, 12, tzinfo=UTC)
Record = dict[str, Any]


def plain() -> httpx.Client:
    """A client for plain http: it has no certificates to load, which takes longer than most tests."""
    return httpx.Client(verify=False)


@dataclass
class Org:
    """An org with a session: `http` speaks to its data calls."""

    world: World
    url: str
    http: httpx.Client

    def log_in(self) -> httpx.Response:
        """Take a session; `http` uses it from now on."""
        form = {"grant_type": "client_credentials", "client_id": self.client_id, "client_secret": self.client_secret}
        response = self.http.post(f"{self.url}/services/oauth2/token", data=form)
        self.http.base_url = httpx.URL(f"{self.url}/services/data/v{VERSION}/")
        self.http.headers["Authorization"] = f"Bearer {response.json()['access_token']}"
        return response

    @property
    def client_id(self) -> str:
        return self.world.credential("salesforce.client_id")

    @property
    def client_secret(self) -> str:
        return self.world.credential("salesforce.client_secret")

    def ask(self, soql: str, call: str = "query") -> httpx.Response:
        return self.http.get(call, params={"q": soql})

    def records(self, soql: str, call: str = "query") -> list[Record]:
        """The records of a query that must succeed, without their attributes."""
        response = self.ask(soql, call)
        assert response.status_code == 200, response.text
        records: list[Record] = response.json()["records"]
        return [{name: value for name, value in row.items() if name != "attributes"} for row in records]

    def ids(self, soql: str, call: str = "query") -> list[str]:
        return [row["Id"] for row in self.records(soql, call)]

    def create(self, name: str, **values: Any) -> str:
        """A row that must be accepted; its id."""
        response = self.http.post(f"sobjects/{name}", json=values)
        assert response.status_code == 201, response.text
        return str(response.json()["id"])

    def row(self, name: str, record_id: str) -> Record:
        response = self.http.get(f"sobjects/{name}/{record_id}")
        assert response.status_code == 200, response.text
        body: Record = response.json()
        return body

    def seed(self, name: str, **values: Any) -> str:
        return salesforce.seed(self.world, name, values, values.pop("at", LONG_AGO))


@contextmanager
def serving(world: World) -> Iterator[Org]:
    """Serve the world's Salesforce on a free port, logged in."""
    listeners = bind([0])
    world.urls["salesforce"] = origin(listeners[0])
    with listening([salesforce.app(world)], listeners) as (url,), plain() as client:
        served = Org(world, url, client)
        served.log_in()
        yield served


class Stage:
    """A served address on which each test puts an org of its own: cheaper than a server for each."""

    def __init__(self) -> None:
        self.url = ""
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        await self.app(scope, receive, send)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    served = Stage()
    with listening([served], bind([0])) as (served.url,):
        yield served


@pytest.fixture
def org(stage: Stage) -> Iterator[Org]:
    """An empty org, logged in."""
    store = Store()
    world = World(store, urls={"salesforce": stage.url})
    stage.app = salesforce.app(world)
    with plain() as client:
        fresh = Org(world, stage.url, client)
        fresh.log_in()
        yield fresh
    store.close()


def error_of(response: httpx.Response) -> tuple[int, str]:
    """Status and code of a refused single call: its body is a list of one error."""
    (error,) = response.json()
    return response.status_code, error["errorCode"]
