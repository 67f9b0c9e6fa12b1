"""What runs beside a Prefect server: the deployments of prefect.yaml, a worker, the listener, and the reports."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from flows.children import CHECKOUT, Child, answers, child
from tasks.core.errors import TandemError

POOL = "tandem"  # the work pool that prefect.yaml names
STARTED = "started!"  # the worker's word


def deploy(environment: Mapping[str, str]) -> None:
    """Deploy what prefect.yaml declares, with Prefect's own command. Raises TandemError with what that says."""
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"]
    done = subprocess.run(
        command, cwd=CHECKOUT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode:
        said = " ".join((done.stdout + done.stderr).split()[-60:])
        raise TandemError(f"Prefect can't deploy what prefect.yaml declares: {said}")


@contextmanager
def worker(environment: Mapping[str, str], log: Path) -> Iterator[Child]:
    """Prefect's process worker, once it is at work; the runs that it has begun end with it."""
    words = ("prefect", "--no-prompt", "worker", "start", "--pool", POOL)
    with child("The worker", words, environment, log) as started:
        started.wait_until(lambda: STARTED in log.read_text(encoding="utf-8", errors="replace"))
        yield started


@contextmanager
def reports(port: int, folder: Path, environment: Mapping[str, str], log: Path) -> Iterator[Child]:
    """That folder as pages on loopback, once it is served: a browser opens no file for a page of the web."""
    words = ("http.server", str(port), "--bind", "127.0.0.1", "--directory", str(folder))
    with child("The reports' server", words, environment, log) as started:
        started.wait_until(lambda: answers(f"http://127.0.0.1:{port}/"))
        yield started


@contextmanager
def listener(port: int, environment: Mapping[str, str], log: Path) -> Iterator[Child]:
    """`tandem listen`, once it hears."""
    with child("The listener", ("flows.cli", "listen", "--port", str(port)), environment, log) as started:
        started.wait_until(lambda: answers(f"http://127.0.0.1:{port}/health"))
        yield started
