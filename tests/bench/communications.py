"""Ten thousand calls and messages: duplicated, shuffled, late and lost posts, and kills in between.

`python -m tests.bench.communications` prints what was sent, who was killed, and how many Tasks there are, counted
through simple-salesforce. Ends with exit code 1 unless each has one, on the right record, with the latest details.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from rich.console import Console
from rich.table import Table

from tests.flows.rush_drill import Tally, blows, drilled

SHOWN = 20


def main() -> int:
    """Drill as the command line asks."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--communications", type=int, default=10_000)
    asked.add_argument("--people", type=int, default=200)
    asked.add_argument("--kills", type=int, default=30, help="of log-communications")
    asked.add_argument("--listener-kills", type=int, default=10)
    asked.add_argument("--seed", type=int, default=6)
    options = asked.parse_args()
    began, struck = time.monotonic(), blows(Random(options.seed), options.kills)
    with tempfile.TemporaryDirectory(prefix="rush-") as folder:
        tally = drilled(
            Path(folder), options.communications, options.people, struck, options.listener_kills, options.seed
        )
    tell(tally, time.monotonic() - began)
    return int(bool(tally.wanting))


def tell(tally: Tally, seconds: float) -> None:
    """A table, and what was found wanting."""
    page = Console()
    for title, told in (
        ("sent", {"communications": tally.talks, **tally.told, "made up for by the export": tally.listed}),
        ("killed", {"listener": tally.killed["listener"], "log-communications": tally.killed["logging"]}),
        ("came of it", {"Tasks": tally.tasks, "found wanting": len(tally.wanting), "seconds": round(seconds)}),
    ):
        table = Table(*told, box=None, title=title, title_justify="left", pad_edge=False, padding=(0, 2, 0, 0))
        table.add_row(*(f"{number:,}" for number in told.values()))
        page.print(table)
    for failure in tally.wanting[:SHOWN]:
        page.print(failure)


if __name__ == "__main__":
    sys.exit(main())
