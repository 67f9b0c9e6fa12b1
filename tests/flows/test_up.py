"""`tandem up`: one command, one screen, one ctrl-C; and nothing that outlives it."""

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from flows.children import CHECKOUT, answers, is_free
from tasks.settings import VARIABLES

pytestmark = pytest.mark.prefect

PATIENCE = 100.0
TANDEM = [sys.executable, "-m", "flows.cli"]


def free_ports() -> int:
    """The first of those that `tandem up` takes, all of them below what the kernel hands out to others meanwhile."""
    blocks = random.sample(range(20_000, 32_000, 50), 50)
    return next(port for port in blocks if all(map(is_free, range(port, port + 22))))


def started(home: Path, port: int) -> "subprocess.Popen[str]":
    """`tandem up` by somebody who has exported nothing."""
    unset = {*VARIABLES, "PREFECT_API_URL", "TANDEM_DATABASE_URL", "TANDEM_POLICY"}
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    return subprocess.Popen(
        [*TANDEM, "up", "--port", str(port)],
        cwd=CHECKOUT,
        env=environment | {"TANDEM_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def up(home: Path, port: int) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """That, once it says what to do next; and what it has said until then."""
    process = started(home, port)
    try:
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if "Ctrl-C" in line:
                break
        else:
            assert process.stderr is not None
            pytest.fail(f"it ended: {process.stderr.read()}")
        yield process, said
    finally:
        process.kill()
        process.wait()


def refused(home: Path, port: int) -> str:
    """What somebody is told who starts it there, and gets nothing."""
    process = started(home, port)
    said, complaint = process.communicate(timeout=PATIENCE)
    assert (process.returncode, "Traceback" in complaint, complaint.count("\n")) == (2, False, 1), said + complaint
    return complaint


def children_of(process: "subprocess.Popen[str]") -> list[int]:
    listed = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = (line.split() for line in listed.splitlines())
    return [int(pid) for pid, parent in pairs if int(parent) == process.pid]


def wait(for_what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not for_what():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def gone(pids: list[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


def client(port: int) -> Any:
    from prefect.client.orchestration import SyncPrefectClient

    return SyncPrefectClient(api=f"http://127.0.0.1:{port + 20}/api")


def start_run(port: int, deployment: str) -> Any:
    with client(port) as prefect:
        found = prefect.read_deployment_by_name(deployment)
        return prefect.create_flow_run_from_deployment(found.id).id


def state(port: int, run: Any) -> str:
    with client(port) as prefect:
        return str(prefect.read_flow_run(run).state.name)


@pytest.mark.timeout(400)
def test_one_command_brings_all_of_it_and_takes_it_away(tmp_path: Path) -> None:
    """Whoever would start another in its way is told so; a newcomer's Run works; ctrl-C stops everything."""
    home, port = tmp_path / "home", free_ports()
    with up(home, port) as (process, said):
        assert f"Next: open http://127.0.0.1:{port + 20}, Deployments, one-time-pull, Run." in said
        assert all(answers(url) for url in re.findall(r"http://\S+:\d+20$", said, flags=re.MULTILINE))
        assert "is at work in" in refused(home, port + 100)
        assert f"Port {port + 10} is taken" in refused(tmp_path / "other", port)
        run = start_run(port, "one-time-pull/one-time-pull")
        wait(lambda: state(port, run) == "Completed")
        children = children_of(process)
        assert len(children) == 4
        with urlopen(f"http://127.0.0.1:{port + 21}") as pages:
            assert b".html" in pages.read()
        process.send_signal(signal.SIGINT)
        rest, complaint = process.communicate(timeout=PATIENCE)
        assert (process.returncode, complaint) == (0, "")
        assert "Stopped." in rest
        assert gone(children)


@pytest.mark.deep
@pytest.mark.timeout(400)
def test_killed_outright_it_leaves_nothing_behind(tmp_path: Path) -> None:
    """No child; and the run that was cut short doesn't stand in the way of the next start. Of that a child is killed:
    it says which, and ends with the rest."""
    home, port = tmp_path / "home", free_ports()
    with up(home, port) as (process, _):
        cut_short = start_run(port, "reconcile/reconcile")
        wait(lambda: state(port, cut_short) == "Running")
        children = children_of(process)
        process.kill()
        wait(lambda: gone(children))
        assert not answers(f"http://127.0.0.1:{port + 20}/api/health")
    with up(home, port) as (process, _):
        assert state(port, cut_short) == "Crashed"
        children = children_of(process)
        os.kill(max(children), signal.SIGKILL)
        _, complaint = process.communicate(timeout=PATIENCE)
        assert (process.returncode, complaint.count("\n")) == (1, 1)
        assert complaint.startswith("The worker was killed (SIGKILL).")
        assert gone(children)
