"""How fast the inbox answers: so many events a second for a while, then a kill in the middle of more of them, then a
comparison, event by event, of what was answered with what is in the ledger.

`python -m tests.bench.inbox --rate 300 --seconds 60` prints a table; exit code 1: something that was answered is lost,
or something wasn't answered in time.
"""

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from tasks.ledger import open_ledger

WORKERS = 32
PASSWORD = "bench"
MORE = 0.5  # seconds of events that are still to come when the listener is killed


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--rate", type=int, default=300, help="events a second")
    words.add_argument("--seconds", type=int, default=60)
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home, port = Path(folder) / "home", _free_port()
        environment = {**os.environ, "TANDEM_HOME": str(home), "TANDEM_INBOX_BEARER": PASSWORD}
        tandem = Path(sys.executable).with_name("tandem")
        listener = subprocess.Popen([tandem, "listen", "--port", str(port)], env=environment, stdout=subprocess.DEVNULL)
        try:
            took = asyncio.run(_post(port, asked.rate, asked.seconds, listener.kill))
        finally:
            listener.kill()
            listener.wait()
        with open_ledger(None, home) as ledger:
            kept = {json.loads(event.text)["body"]["id"] for event in ledger.inbox.unread(10_000_000)}
    sys.exit(_tell(asked.rate, asked.rate * asked.seconds, took, kept))


async def _post(port: int, rate: int, seconds: int, kill: Callable[[], None]) -> dict[int, float]:
    """Post in the rhythm asked for, and on while the listener is killed. Event → how long after it was due it was
    answered with 200: a listener that falls behind can't hide it by being asked later."""
    took: dict[int, float] = {}
    headers = {"Authorization": f"Bearer {PASSWORD}"}
    limits = httpx.Limits(max_connections=WORKERS)
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30, limits=limits
    ) as client:
        await _ready(client)
        begun, numbers = time.perf_counter(), iter(range(rate * seconds + int(rate * MORE)))

        async def work() -> None:
            for number in numbers:
                due = begun + number / rate
                if (wait := due - time.perf_counter()) > 0:
                    await asyncio.sleep(wait)
                event = {"event": "Call-Disposed", "body": {"id": number, "disposition_status": "completed"}}
                with suppress(httpx.TransportError):
                    if (await client.post("/aloware", json=event)).status_code == 200:
                        took[number] = time.perf_counter() - due

        async def strike() -> None:
            await asyncio.sleep(seconds + MORE / 2)
            kill()

        await asyncio.gather(strike(), *(work() for _ in range(WORKERS)))
    return took


async def _ready(client: httpx.AsyncClient) -> None:
    for _ in range(600):
        try:
            await client.get("/health")
            return
        except httpx.TransportError:
            await asyncio.sleep(0.05)
    raise SystemExit("the inbox never listened")


def _tell(rate: int, due: int, took: dict[int, float], kept: set[int]) -> int:
    """`due`: so many events were to be answered before the kill was near."""
    ordered = sorted(seconds for number, seconds in took.items() if number < due)
    lost, unanswered = took.keys() - kept, due - len(ordered)
    p50, p99 = (f"{ordered[int(len(ordered) * share)] * 1000:.1f}" for share in (0.5, 0.99))
    table = Table(
        "a second", "answered", "p50 ms", "p99 ms", "unanswered", "in the ledger after the kill", "lost", box=None
    )
    table.add_row(f"{rate}", f"{len(took):,}", p50, p99, f"{unanswered:,}", f"{len(kept):,}", f"{len(lost):,}")
    Console().print(table)
    return int(bool(lost or unanswered))


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


if __name__ == "__main__":
    main()
