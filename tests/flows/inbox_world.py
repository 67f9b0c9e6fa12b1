"""An office whose Aloware posts its webhooks to a real listener, and which waits until they have arrived."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from pydantic import SecretStr

from tasks.inbox.app import app
from tasks.inbox.guard import Guard
from tasks.ledger import Ledger
from tasks.sandbox.aloware.webhooks import BOXES
from tasks.session import open_session
from tests.flows.worlds import Office

PASSWORD = "let me in"


@contextmanager
def listening(ledger: Ledger, guard: Guard | None = None) -> Iterator[str]:
    """A listener on a free port that stores into that ledger; gives its address."""
    with open_session() as session:
        served = app(
            lambda posts: ledger.inbox.keep((post.source, post.at, post.text) for post in posts),
            guard or Guard(bearer=SecretStr(PASSWORD)),
            session.now,
        )
    server = uvicorn.Server(uvicorn.Config(served, port=0, log_level="critical"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


class Desk:
    """Aloware's agents at work, with all twelve boxes of a webhook ticked."""

    def __init__(self, office: Office, inbox: str, ledger: Ledger) -> None:
        self.office, self.ledger = office, ledger
        self._control = httpx.Client(base_url=office.running.control, timeout=10)
        sent = {"url": f"{inbox}/aloware", "events": list(BOXES), "bearer": PASSWORD}
        self._control.post("/aloware/webhooks", json=sent).raise_for_status()

    def happens(self, contact: str, posts: int = 6, **what: Any) -> str:
        """A communication; comes back when its posts have arrived. Gives its id."""
        known = len(self.ledger.inbox.unread())
        sent = {"contact_id": contact, "type": "call", "direction": "outbound", "talk_time": 63, **what}
        answer = self._control.post("/aloware/communications", json=sent).raise_for_status().json()
        until(lambda: len(self.ledger.inbox.unread()) >= known + posts)
        return str(answer["id"])

    def tasks(self, communication: str) -> list[dict[str, Any]]:
        """The Tasks of a communication, as Salesforce shows them."""
        names = "Id, WhoId, Subject, Status, CallType, CallDurationInSeconds, TaskSubtype, Description, CallObject"
        return self.office.person.ask_salesforce(
            f"SELECT {names} FROM Task WHERE CallObject = 'aloware:{communication}'"
        )

    def close(self) -> None:
        self._control.close()


def until(arrived: Any, seconds: float = 20) -> None:
    """Deliveries take their time; they are waited for, and no longer than that."""
    end = time.monotonic() + seconds
    while not arrived():
        assert time.monotonic() < end, "it never came"
        threading.Event().wait(0.01)


@pytest.fixture(scope="module")
def desk(office: Office) -> Iterator[Desk]:
    """In the office of the test module."""
    with open_session() as session, listening(session.ledger) as inbox:
        made = Desk(office, inbox, session.ledger)
        yield made
        made.close()
