"""A plan of what one in a hundred records changed, from the last accepted snapshots and that delta to the stored plan,
after a run that found everybody at rest; beside as many changes in a crowd of a tenth."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from flows.plan import draft, look
from tasks.core.run import Asked
from tests.bench.crowd import Shares
from tests.bench.crowd_home import NEWS, apart, looked_over, moved_in, session
from tests.bench.crowd_world import CrowdWorld
from tests.bench.measuring import Row, Stage, beside, measured
from tests.bench.verbs import Split
from tests.property.simulation import STATUSES

CHANGES, FEWER = 100, 10  # one change for so many people; in the anchor's crowd for a tenth of them


def rows(world: CrowdWorld) -> Iterator[Row]:
    """Of a million people: ten thousand changes, there and among a hundred thousand."""
    people = len(world.known.people)
    fewer = CrowdWorld.of(people // FEWER, Shares())
    anchor, *_ = _at_home(fewer, people // CHANGES, "the same in a tenth of the crowd")
    row, *verbs = _at_home(world, people // CHANGES, "plan, incremental")
    yield from (anchor, beside(row, anchor), *verbs)


def _at_home(world: CrowdWorld, changes: int, name: str) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        moved_in(Path(folder), world, changes)
        apart(looked_over, Path(folder))
        return apart(planned, Path(folder), changes, name)


def planned(home: Path, changes: int, name: str) -> list[Row]:
    """Aloware lists everybody every time, as its exports do; that list is in memory already."""
    with session(home, NEWS) as at_work:

        def ours() -> None:
            with at_work.run("incremental") as run:
                draft(at_work, run, Asked("incremental"), look(at_work), STATUSES)

        split = Split(ours)
        row = next(measured(changes, [Stage(name, split)]))
        return [row, *split.rows(row, "reading snapshots and ledger, and the rest")]
