"""A channel of a team, as a webhook on loopback: it keeps what it is told."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from tests.deployed.town import CHECKOUT, Town


@contextmanager
def mailbox() -> Iterator[tuple[str, list[str]]]:
    """Its address, and the texts that were posted there."""
    received: list[str] = []

    class Channel(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *words: object) -> None:
            """Not in the tests' output."""

    server = HTTPServer(("127.0.0.1", 0), Channel)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", received
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def told_by_automations(town: Town, folder: Path, within: str = "600") -> Iterator[list[str]]:
    """What the automations send, to a channel of ours; loaded as the guide says. `within` so many seconds a run must
    give a sign of life."""
    with mailbox() as (address, received):
        block = _channel(town, address)
        automations = (CHECKOUT / "flows" / "automations.yaml").read_text()
        automations = automations.replace("BLOCK", block).replace("within: 600", f"within: {within}")
        (folder / "automations.yaml").write_text(automations)
        town.prefect("automation", "create", "--from-file", str(folder / "automations.yaml"))
        yield received


def _channel(town: Town, address: str) -> str:
    """A notification block, as somebody fills it in; its id."""
    from prefect.blocks.notifications import CustomWebhookNotificationBlock
    from prefect.settings import PREFECT_API_URL, temporary_settings

    with temporary_settings({PREFECT_API_URL: town.url}):
        body = {"text": "{{subject}}: {{body}}"}
        return str(CustomWebhookNotificationBlock(name="team", url=address, json_data=body).save("team"))
