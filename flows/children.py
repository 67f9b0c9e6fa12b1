"""Processes of our own that end with us, whatever becomes of us: Prefect's server, its worker, the listener."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from tasks.core.errors import TandemError

PROGRAM = Path(__file__).with_name("child_process.py")
CHECKOUT = Path(__file__).parents[1]
START, STOP, PAUSE = 120.0, 20.0, 0.1  # seconds; a child starts within ten and stops within three
LAST_LINES = 5


@dataclass(frozen=True)
class Child:
    """One of them: what it is called, and where it writes what it has to say."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path

    def check(self) -> None:
        """Raises TandemError when it has ended: with the signal that it was killed by, or with what it said last."""
        code = self.process.poll()
        if code is not None:
            why = f"was killed ({signal.Signals(-code).name})." if code < 0 else f"has ended: {last_lines(self.log)}"
            raise TandemError(f"{self.name} {why} All it said is in {self.log}.")

    def wait_until(self, there: Callable[[], bool]) -> None:
        """Wait until it is up. Raises TandemError when it ends instead, or takes too long."""
        deadline = time.monotonic() + START
        while not there():
            self.check()
            if time.monotonic() > deadline:
                raise TandemError(f"{self.name} did not answer within {START:.0f} seconds: see {self.log}.")
            time.sleep(PAUSE)


@contextmanager
def child(name: str, words: Sequence[str], environment: Mapping[str, str], log: Path) -> Iterator[Child]:
    """`python -m WORDS` in the checkout. It ends with the block, and with this process whatever becomes of that."""
    with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", str(PROGRAM), *words],
            cwd=CHECKOUT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # ctrl-C is for us: each is told when its turn has come
        )
    try:
        yield Child(name, process, log)
    finally:
        _stop(process)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """Let go of its stdin, which is its sign to end."""
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def last_lines(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return " ".join([line.strip() for line in lines if line.strip()][-LAST_LINES:])


def answers(url: str) -> bool:
    """Whether somebody says 200 there; never asked through a proxy."""
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def free_port() -> int:
    """One that the kernel hands out: good for whoever takes it at once."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """Whether nobody listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
