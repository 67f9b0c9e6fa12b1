"""A Prefect server of our own, on loopback, for as long as somebody watches: `tandem demo`, `make ui`, the tests."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from tasks.core.errors import TandemError
from tasks.ledger.files import make_folder
from tasks.settings import own_prefect_environment

PROGRAM = Path(__file__).with_name("server_process.py")
START, DRAIN, STOP = 120.0, 5.0, 15.0  # seconds at most; usual are ten, none and one
LAST_LINES = 5


@contextmanager
def local_server(home: Path) -> Iterator[str]:
    """Serve from a process with its files in `home`/prefect; gives the API's URL, once it answers.

    It ends with the block, and with this process whatever becomes of that. Raises TandemError when it doesn't start.
    """
    place = make_folder(make_folder(home) / "prefect")
    port = _free_port()
    url = f"http://127.0.0.1:{port}/api"
    log = place / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", str(PROGRAM), "server", "start", "--host", "127.0.0.1", "--port", str(port)],
            env=own_prefect_environment({"PREFECT_HOME": str(place), "PREFECT_UI_API_URL": url, "NO_COLOR": "1"}),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # ctrl-C is for us: what we were doing must still be told to the server
        )
    try:
        _wait_until_it_answers(process, url, log)
        yield url
    finally:
        _tell_the_rest()
        _stop(process)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_it_answers(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START
    while not _answers(url):
        if process.poll() is not None:
            raise TandemError(f"The local Prefect server did not start: {_last_lines(log)} All it said is in {log}.")
        if time.monotonic() > deadline:
            raise TandemError(f"The local Prefect server did not answer within {START:.0f} seconds: see {log}.")
        time.sleep(0.1)


def _answers(url: str) -> bool:
    try:
        with build_opener(ProxyHandler({})).open(f"{url}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _last_lines(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return " ".join([line.strip() for line in lines if line.strip()][-LAST_LINES:])


def _tell_the_rest() -> None:
    """Send what this process still has for its server: threads of Prefect's hold back events and log lines for a while.

    Without this they would try to reach a server that is gone, and keep the process for a minute.
    """
    if "prefect" in sys.modules:
        from prefect.events.worker import EventsWorker
        from prefect.logging.handlers import APILogWorker

        EventsWorker.drain_all(timeout=DRAIN)
        APILogWorker.drain_all(timeout=DRAIN)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Let go of its stdin, which is its sign to end."""
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
