"""A crowd on disk: a home whose ledger knows it, what the systems say now, and what of that a next run is told.

Stages that read from disk run in a process of their own, which holds nothing of the crowd.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Literal, ParamSpec, TypeVar

import msgspec
import numpy as np
import pandas as pd

from flows.plan import draft, look
from tasks.connectors.fake import Fake
from tasks.core.model import ALOWARE, SCOPES, SYSTEMS, Address, Snapshot
from tasks.core.overlay import lay
from tasks.core.policy import Policy
from tasks.core.run import Asked
from tasks.ledger import open_ledger
from tasks.session import Session
from tasks.settings import Settings
from tests.bench.crowd_world import NOON, CrowdWorld, crowd_policy
from tests.property.simulation import STATUSES

P = ParamSpec("P")
R = TypeVar("R")

BEFORE, AFTER, NEWS = "before", "after", "news"  # runs that stored what the systems said, say, and tell the next run
PHONE = "phone_number"


def moved_in(home: Path, world: CrowdWorld, changes: int = 0) -> None:
    """Make that home; `changes`: of how many records the next run is told."""
    with open_ledger(None, home) as ledger:
        for system in SYSTEMS:
            ledger.connections.connect(system, system, NOON)
        for scope in SCOPES:
            ledger.connections.set_direction(scope, "two-way", NOON)
        ledger.connections.rebased(NOON + timedelta(seconds=1))
        ledger.memory.advance(world.lesson, BEFORE, NOON)
        ledger.snapshots.store(BEFORE, [replace(snapshot, watermark="1") for snapshot in world.before])
        ledger.snapshots.accept(BEFORE)
        ledger.snapshots.store(AFTER, world.after)
        ledger.snapshots.store(NEWS, news(world.before, world.after, changes))


def looked_over(home: Path) -> None:
    """A run has looked at everybody there and found them as they are, so that the next has something to go on from."""
    with session(home, BEFORE) as at_work, at_work.run("full") as run:
        draft(at_work, run, Asked("full", full=True), look(at_work), STATUSES)
        at_work.ledger.snapshots.accept(run)


def news(before: Sequence[Snapshot], after: Sequence[Snapshot], changes: int) -> Iterator[Snapshot]:
    """So many of the records that were edited or are new; all the others of Aloware's too, for it lists everybody."""
    changed = [[touched(frame) for frame in snapshot.frames.values()] for snapshot in after]
    share = min(1.0, changes / sum(len(frame) for frames in changed for frame in frames))
    for old, snapshot, frames in zip(before, after, changed, strict=True):
        some = (frame.sample(frac=share, random_state=1) for frame in frames)
        told = replace(snapshot, frames=dict(zip(snapshot.frames, some, strict=True)), watermark="2")
        yield lay(old, told) if old.system == ALOWARE else told


def touched(frame: pd.DataFrame) -> pd.DataFrame:
    """Records that were edited or are new."""
    return frame[frame["modified_at"] > frame["created_at"]]


class Quiet(Fake):
    """A system that says what a snapshot says, and answers at once: to a pull with all of it, to a look with the
    contacts of those numbers."""

    def __init__(self, snapshot: Snapshot, policy: Policy) -> None:
        super().__init__(snapshot.system, policy.wanted(snapshot.system), account=snapshot.system)
        self.told = snapshot
        if snapshot.system == ALOWARE:
            numbers = snapshot.frames["contacts"][PHONE].to_numpy(dtype="S20")
            self._order = np.argsort(numbers)
            self._numbers = numbers[self._order]

    def pull(self, now: datetime, since: str | None = None) -> Snapshot:
        return self.told

    def peek(self, addresses: Sequence[Address], now: datetime) -> Snapshot:
        asked = np.array([address.phone for address in addresses], dtype="S20")
        places = np.searchsorted(self._numbers, asked).clip(max=len(self._numbers) - 1)
        rows = self._order[places[self._numbers[places] == asked]]
        found = self.told.frames["contacts"].iloc[rows].assign(as_of=now)
        return replace(self.told, frames={"contacts": found}, watermark=None)


@contextmanager
def session(home: Path, run: str, engine: Literal["local", "dask"] = "local") -> Iterator[Session]:
    """A session in that home, over systems that say what that run stored."""
    policy = msgspec.structs.replace(crowd_policy(), engine=engine)
    with open_ledger(None, home) as ledger:
        systems = {name: Quiet(snapshot, policy) for name, snapshot in ledger.snapshots.load(run).items()}
    with closing(Session(replace(Settings.load(), home=home, database_url=None), policy, connectors=systems)) as made:
        yield made


def apart(function: Callable[P, R], *given: P.args, **named: P.kwargs) -> R:
    """What that function gives in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(function, *given, **named).result()
