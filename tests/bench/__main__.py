"""Stage by stage beside its anchor, in crowds of ten thousand people, a hundred thousand and a million: `make bench`.

Prints a table and writes `.tandem/bench.json`. Every ratio is of two measurements in this one process.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench import stage_diff, stage_full, stage_incremental, stage_ledger, stage_phones, stage_plan
from tests.bench.crowd import Shares
from tests.bench.crowd_world import CrowdWorld
from tests.bench.measuring import Row, written
from tests.bench.table import shown, unmeasured

SIZES = (10_000, 100_000, 1_000_000)
FEWEST = 1_000  # in a smaller crowd nobody may be edited, and a tenth of it is nobody
STAGES = {
    "phones": stage_phones,
    "diff": stage_diff,
    "ledger": stage_ledger,
    "plan": stage_plan,
    "full": stage_full,
    "incremental": stage_incremental,
}
PLACE = Path(".tandem") / "bench.json"


def main() -> int:
    """Measure what the command line asks for."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--people", type=int, default=SIZES[-1], help="how many at most, in each of three systems")
    asked.add_argument("--only", choices=STAGES, action="append", help="one stage; may be said several times")
    options = asked.parse_args()
    if options.people < FEWEST:
        asked.error(f"a crowd of {options.people} says nothing: name at least {FEWEST:,} people")
    rows: list[Row] = []
    for count in sorted({size for size in SIZES if size < options.people} | {options.people}):
        found = list(measured(count, options.only or list(STAGES)))
        shown(f"{count:,} people", found)
        rows += found
        written(rows, PLACE)
    if forgotten := [] if options.only else unmeasured(rows):
        sys.exit(f"These have a goal and weren't measured: {'; '.join(forgotten)}.")
    return 0


def measured(count: int, names: list[str]) -> Iterator[Row]:
    """Those stages of a crowd of so many."""
    world = CrowdWorld.of(count, Shares())
    for name in names:
        sys.stderr.write(f"{count:,} people: {name} ...\n")
        yield from STAGES[name].rows(world)


if __name__ == "__main__":
    sys.exit(main())
