"""How fast the inbox answers: so many events a second for a while, then a kill, then a count of what is in the ledger.

`python -m tests.bench.inbox --rate 300 --seconds 60` prints a table; exit code 1: something that was answered is lost.
"""

import argparse
import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from tasks.ledger import open_ledger

WORKERS = 32
PASSWORD = "bench"


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
            took = asyncio.run(_post(port, asked.rate, asked.seconds))
        finally:
            listener.kill()
            listener.wait()
        with open_ledger(None, home) as ledger:
            stored = len(ledger.inbox.unread(10_000_000))
    sys.exit(_tell(asked.rate, took, stored))


async def _post(port: int, rate: int, seconds: int) -> list[float]:
    """How long each answer took, in the rhythm asked for; only answers of 200 count."""
    took: list[float] = []
    headers = {"Authorization": f"Bearer {PASSWORD}"}
    limits = httpx.Limits(max_connections=WORKERS)
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30, limits=limits
    ) as client:
        await _ready(client)
        begun, numbers = time.perf_counter(), iter(range(rate * seconds))

        async def work() -> None:
            for number in numbers:
                due = begun + number / rate
                if (wait := due - time.perf_counter()) > 0:
                    await asyncio.sleep(wait)
                sent = time.perf_counter()
                event = {"event": "Call-Disposed", "body": {"id": number, "disposition_status": "completed"}}
                if (await client.post("/aloware", json=event)).status_code == 200:
                    took.append(time.perf_counter() - sent)

        await asyncio.gather(*(work() for _ in range(WORKERS)))
        lasted = time.perf_counter() - begun
    Console().print(f"{len(took):,} events in {lasted:.1f} s")
    return took


async def _ready(client: httpx.AsyncClient) -> None:
    for _ in range(600):
        try:
            await client.get("/health")
            return
        except httpx.TransportError:
            await asyncio.sleep(0.05)
    raise SystemExit("the inbox never listened")


def _tell(rate: int, took: list[float], stored: int) -> int:
    ordered = sorted(took)
    table = Table("asked, a second", "answered", "p50 ms", "p99 ms", "in the ledger after the kill", "lost", box=None)
    lost = len(took) - stored
    p50, p99 = (ordered[int(len(ordered) * share)] * 1000 for share in (0.5, 0.99))
    table.add_row(f"{rate}", f"{len(took):,}", f"{p50:.1f}", f"{p99:.1f}", f"{stored:,}", f"{max(lost, 0):,}")
    Console().print(table)
    return 1 if lost > 0 else 0


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


if __name__ == "__main__":
    main()
