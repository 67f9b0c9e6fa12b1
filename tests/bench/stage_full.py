"""A whole plan, from snapshots on disk to the stored plan, gate included: beside the floor, in a process of its own."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from flows.plan import draft
from tasks.core.model import SYSTEMS
from tasks.core.run import Asked
from tasks.ledger import open_ledger
from tests.bench.agreement import compared
from tests.bench.crowd_home import AFTER, apart, moved_in, session
from tests.bench.crowd_world import CrowdWorld, crowd_policy
from tests.bench.floor import Floor
from tests.bench.measuring import Row, Stage, measured
from tests.bench.verbs import Split
from tests.property.simulation import STATUSES


def rows(world: CrowdWorld) -> Iterator[Row]:
    """What was stored is compared with the oracle's word, too."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        home, base = shelved(world, Path(folder))
        yield from apart(planned, home, base, len(world.known.people))
        judged(world, home)


def shelved(world: CrowdWorld, folder: Path) -> tuple[Path, Path]:
    """The crowd's home and, for the floor, its bases in a file."""
    home, base = folder / "home", folder / "base.parquet"
    moved_in(home, world)
    world.known.bases[list(world.policy.fields)].rename_axis("ref").reset_index().to_parquet(base, index=False)
    return home, base


def floor_of(home: Path, run: str, base: Path) -> Floor:
    """The floor under a plan of what that run stored."""
    policy = crowd_policy()
    places = {f"{system}/{name}": policy.mapped(system, name) for system in SYSTEMS for name in policy.objects(system)}
    return Floor(home / "snapshots" / run, base, places, STATUSES)


def planned(home: Path, base: Path, people: int) -> list[Row]:
    """The library is asked about no text twice, neither by the floor nor by us."""
    floor = floor_of(home, AFTER, base)
    floor.run()
    with session(home, AFTER) as at_work:

        def ours() -> None:
            with at_work.run("full") as run:
                draft(at_work, run, Asked("full", full=True), at_work.ledger.snapshots.load(AFTER), STATUSES)

        split = Split(ours)
        anchor, row = measured(people, [Stage("plan, full", split)], [Stage("the floor", floor.run)])
        return [anchor, row, *split.rows(row, "reading snapshots and ledger, and the rest")]


def judged(world: CrowdWorld, home: Path) -> None:
    """Say that the stored plan is the oracle's, or end everything."""
    with open_ledger(None, home) as ledger:
        found = compared(world, ledger.plans.load(ledger.plans.recent(1)[0].id))
    if found.disagreements:
        raise SystemExit(f"the stored plan is not the oracle's: {found.disagreements}")
    sys.stdout.write(f"the stored plan is the oracle's on a sample of {found.cells:,} cells\n")
