"""Listen for what Aloware and HubSpot post, until ctrl-C. What is heard is stored; the next runs read it."""

from collections.abc import Callable

import uvicorn

from tasks.core.errors import SettingsError
from tasks.inbox.app import app
from tasks.inbox.guard import Guard
from tasks.session import open_session

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def listen(port: int, host: str = "127.0.0.1", on_ready: Callable[[], None] = lambda: None) -> None:
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
        on_ready()
        uvicorn.run(served, host=host, port=port, log_level="warning", access_log=False, server_header=False)
