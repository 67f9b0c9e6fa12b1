"""A mirror world served over loopback, and short words for calling Aloware and the control API."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from tasks.sandbox.control import ready
from tasks.sandbox.people import populate
from tasks.sandbox.server import PORTS, Ready, apps
from tasks.sandbox.serving import bind, listening
from tasks.sandbox.store import Store
from tasks.sandbox.world import World

FORMS = "/api/v1/webhook/forms"
LOOK_UP = "/api/v1/webhook/contact/phone-number"
USERS = "/api/v1/webhook/users"
CATALOGUE = "/api/v1/catalogue/dispositions"
_TLS = httpx.create_ssl_context()  # shared, as making one is slow
PHONE = "+14155550123"


@dataclass
class AlowareWorld:
    """One running sandbox with a client for each port that these tests call."""

    running: Ready
    aloware: httpx.Client
    control: httpx.Client

    @property
    def token(self) -> str:
        return self.running.ready["aloware"]["token"]

    def submit(self, **fields: Any) -> httpx.Response:
        """`POST /forms` for the usual number, unless another is given."""
        return self.aloware.post(FORMS, json={"api_token": self.token, "phone_number": PHONE, **fields})

    def look_up(self, phone: str = PHONE) -> httpx.Response:
        return self.aloware.get(LOOK_UP, params={"api_token": self.token, "phone_number": phone})

    def contact(self, **fields: Any) -> dict[str, Any]:
        """A contact that an agent adds by hand."""
        return dict(self.control.post("/aloware/contacts", json={"phone_number": PHONE, **fields}).json())

    def catalogue(self, method: str, path: str = "", **sent: Any) -> httpx.Response:
        """A call of the catalogue extension, the token where the method wants it."""
        place = "params" if method in ("GET", "DELETE") else "json"
        body: Any = {place: {"api_token": self.token, **sent}}
        return self.aloware.request(method, CATALOGUE + path, **body)

    def dispositions(self) -> dict[str, dict[str, Any]]:
        """What an agent picks from, by name."""
        return {row["name"]: row for row in self.control.get("/aloware/dispositions").json()}

    def fault(self, kind: str, system: str = "aloware", **more: Any) -> httpx.Response:
        return self.control.post("/faults", json={"system": system, "kind": kind, **more})


class Stage:
    """Ports that stay open while one world after another is served on them: starting servers is what takes time."""

    def __init__(self) -> None:
        self.apps: Sequence[ASGIApp] = ()
        self.origins: list[str] = []

    def place(self, position: int) -> ASGIApp:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await self.apps[position](scope, receive, send)

        return app

    @contextmanager
    def world(self, people: int = 0, real_limits: bool = False) -> Iterator[AlowareWorld]:
        """A fresh world on the stage."""
        world = World(Store(), real_limits=real_limits)
        world.urls.update(zip(PORTS, self.origins, strict=True))
        populate(world, people, 7)
        self.apps = apps(world)
        running = Ready(world.urls["control"], ready(world), world)
        aloware, control = (httpx.Client(base_url=world.urls[name], verify=_TLS) for name in ("aloware", "control"))
        with aloware, control:
            yield AlowareWorld(running, aloware, control)


@contextmanager
def open_stage() -> Iterator[Stage]:
    stage, listeners = Stage(), bind([0] * len(PORTS))
    with listening([stage.place(position) for position in range(len(PORTS))], listeners) as stage.origins:
        yield stage


@dataclass
class Inbox:
    """A webhook receiver: what was posted to it, and a way to wait for so many posts."""

    url: str
    posts: list[tuple[dict[str, Any], str | None]] = field(default_factory=list)
    arrived: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, count: int) -> list[str]:
        """The names of the first `count` events; fails when they don't come."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.posts) >= count, timeout=5), self.posts
        return [envelope["event"] for envelope, _ in self.posts]


@contextmanager
def inbox(status: int = 200) -> Iterator[Inbox]:
    """A receiver on a free port that answers every post with `status`."""

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.end_headers()
            with box.arrived:
                box.posts.append((body, self.headers["Authorization"]))
                box.arrived.notify_all()

        def log_message(self, *args: Any) -> None:
            """Keep quiet."""

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    box = Inbox(f"http://127.0.0.1:{server.server_port}/events")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield box
    finally:
        server.shutdown()
        server.server_close()
