"""A crowd's plan, thought in every way there is: here and by Dask, from all that the systems say and from what changed.

`python -m tests.bench.sameness --people 1000000` prints a line a way, each in a process of its own. Ends with exit code
1 unless they all come to one checksum.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pandas as pd
import pytest
from rich.console import Console
from rich.table import Table

from flows.plan import draft, look
from tasks.core.model import Snapshot
from tasks.core.overlay import lay
from tasks.core.run import Asked
from tasks.session import Session
from tests.bench.crowd import Shares
from tests.bench.crowd_home import BEFORE, NEWS, apart, looked_over, moved_in, session
from tests.bench.crowd_world import NOON, CrowdWorld
from tests.bench.measuring import peak
from tests.property.simulation import STATUSES

CHANGED = 100  # one record for so many people
Mode = Literal["full", "incremental"]
Engine = Literal["local", "dask"]
WAYS: tuple[tuple[Mode, Engine], ...] = (("full", "local"), ("full", "dask"), ("incremental", "local"))


@dataclass(frozen=True)
class Thought:
    """A way, what it came to, and what that took; memory is that of the process which plans."""

    mode: Mode
    engine: Engine
    checksum: str
    changes: int
    seconds: float
    peak_mb: int


def main() -> int:
    """As many people as the command line asks for."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--people", type=int, default=10_000)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        found = list(thoughts(Path(folder), CrowdWorld.of(options.people, Shares()), options.people // CHANGED))
    shown(found)
    return int(len({each.checksum for each in found}) != 1)


def thoughts(home: Path, world: CrowdWorld, changes: int) -> Iterator[Thought]:
    """Every way, in that home."""
    moved_in(home, world, changes)
    apart(looked_over, home)
    for mode, engine in WAYS:
        yield apart(thought, home, mode, engine)


def thought(home: Path, mode: Mode, engine: Engine) -> Thought:
    """One way. All look at the same moment, for when a contact was looked up is part of what a plan is made from."""
    with pytest.MonkeyPatch.context() as patched, session(home, NEWS, engine) as at_work:
        patched.setattr(Session, "now", lambda _: NOON + timedelta(hours=1))
        began = time.monotonic()
        with at_work.run(mode) as run:
            snapshots = look(at_work) if mode == "incremental" else whole(at_work)
            plan = draft(at_work, run, Asked("bench", full=mode == "full"), snapshots, STATUSES)
        took = time.monotonic() - began
    return Thought(mode, engine, plan.checksum, len(plan.changes), took, peak())


def whole(at_work: Session) -> dict[str, Snapshot]:
    """All that the systems say after the news, in an order of their own."""
    before, news = (at_work.ledger.snapshots.load(run) for run in (BEFORE, NEWS))
    listed = (lay(before[system], told) for system, told in news.items())
    return {each.system: replace(each, frames=_shuffled(each.frames)) for each in listed}


def _shuffled(frames: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    return {name: rows.sample(frac=1, random_state=2, ignore_index=True) for name, rows in frames.items()}


def shown(found: list[Thought]) -> None:
    """For whoever reads."""
    table = Table("way", "engine", "changes", "seconds", "peak MB", "checksum", box=None)
    for each in found:
        figures = (f"{each.changes:,}", f"{each.seconds:.1f}", f"{each.peak_mb:,}", each.checksum[:16])
        table.add_row(each.mode, each.engine, *figures)
    Console(width=120).print(table)


if __name__ == "__main__":
    sys.exit(main())
