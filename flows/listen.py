"""Listen for what Aloware and HubSpot post, until ctrl-C. What is heard is stored; the next runs read it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from tasks.core.errors import SettingsError
from tasks.inbox.app import app
from tasks.inbox.bell import Bell, watched
from tasks.inbox.guard import Guard
from tasks.orchestrate import announce
from tasks.session import Session, open_session

LOOPBACK = ("127.0.0.1", "::1", "localhost")
HEARD, INBOX = "tandem.inbox.heard", "tandem.inbox"  # the event, and of what it is one, as prefect.yaml knows them


def listen(port: int, host: str = "127.0.0.1", on_ready: Callable[[Guard], None] = lambda guard: None) -> None:
    """Serve the inbox. Raises SettingsError where anybody at all could post to it."""
    with open_session() as session:
        settings = session.settings
        guard = Guard(
            settings.optional_secret("TANDEM_INBOX_BEARER"),
            settings.optional_secret("TANDEM_INBOX_BASIC"),
            settings.optional_secret("HUBSPOT_CLIENT_SECRET"),
        )
        if host not in LOOPBACK and guard.bearer is None and guard.basic is None:
            raise SettingsError("Set TANDEM_INBOX_BEARER before others can reach the inbox: Aloware signs nothing.")
        inbox = session.ledger.inbox
        served = app(
            lambda posts: inbox.keep((post.source, post.at, post.text) for post in posts),
            guard,
            session.now,
            settings.optional("TANDEM_INBOX_URL"),
        )
        with calling(session):
            on_ready(guard)
            uvicorn.run(served, host=host, port=port, log_level="warning", access_log=False, server_header=False)


@contextmanager
def calling(session: Session) -> Iterator[None]:
    """Where Prefect is in charge, runs are called for as soon as something was heard; prefect.yaml says which."""
    if not session.settings.prefect_api_url:
        yield
        return
    with watched(Bell(session.ledger.inbox.unread_span, lambda: announce(HEARD, INBOX), session.now)):
        yield
