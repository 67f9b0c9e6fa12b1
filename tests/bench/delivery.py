"""How long from Aloware's post to what comes of it: a call to its Task, an agent's edit to its correction.

`python -m tests.bench.delivery --calls 5` prints a table. A Prefect server, a worker and the listener are started for
it; nobody asks for a run: the listener's event does.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from flows.local_server import local_server
from tests.deployed.town import Town, deployed

PAUSE, LONGEST = 0.1, 300.0  # seconds


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--calls", type=int, default=5)
    calls = words.parse_args().calls
    with (
        tempfile.TemporaryDirectory() as folder,
        local_server(Path(folder)) as server,
        deployed(server, Path(folder)) as town,
        town.working(),
    ):
        town.run("reconcile/reconcile", {"initial": True})
        with town.listening():
            _tell(town, calls)


def _tell(town: Town, calls: int) -> None:
    phone = town.in_both()[0]
    table = Table("what happens", "times", "p50 s", "longest s", box=None)
    stories: dict[str, Callable[[], float]] = {
        "a call is over → its Task is there": lambda: _call(town, phone),
        "an agent's edit without authority → put right": lambda: _edit(town),
    }
    for what, happens in stories.items():
        took = [happens() for _ in range(calls)]
        table.add_row(what, f"{calls}", f"{statistics.median(took):.1f}", f"{max(took):.1f}")
    Console().print(table)


def _call(town: Town, phone: str) -> float:
    call, begun = town.call(phone), time.perf_counter()
    return _until(lambda: bool(town.tasks(call)), begun)


def _edit(town: Town) -> float:
    begun = time.perf_counter()
    town.misspell()
    return _until(lambda: "Mispelt" not in town.first_names(), begun)


def _until(there: Callable[[], bool], begun: float) -> float:
    while not there():
        if time.perf_counter() - begun > LONGEST:
            raise SystemExit("nothing came of it: are the deployments' triggers at work?")
        time.sleep(PAUSE)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
