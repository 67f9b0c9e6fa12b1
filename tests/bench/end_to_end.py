"""End to end over the emulators: a first run, then two, each after people edited one record in a hundred. The first
two look at everybody, the third has one to go on from that found nearly everybody at rest.

`python -m tests.bench.end_to_end --people 100000` prints the seconds of each run verb by verb. The emulators work in
the same process, so theirs are among them. Ends with exit code 1 if a run leaves anything to do.
"""

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from flows.connections import connect
from flows.reconcile import reconcile
from tasks.connectors import hubspot_reading, salesforce
from tasks.core.model import SCOPES, SYSTEMS
from tasks.core.run import RunReport
from tests.bench.verbs import noting
from tests.flows.worlds import Office, office

SHARE = 0.01  # of people, of whom one record is edited
EDITED = (  # system, object, its table in the sandbox, and what is edited
    ("salesforce", "Contact", "Id", "FirstName"),
    ("hubspot", "contacts", "id", "firstname"),
    ("aloware", "contact", "id", "first_name"),
)


@dataclass
class Run:
    """What a run did, how long it took, and its verbs."""

    name: str
    report: RunReport
    seconds: float
    verbs: dict[str, float]


def main() -> int:
    """Measure as many people as the command line asks for."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--people", type=int, default=2_000)
    asked.add_argument("--seed", type=int, default=7)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="end-to-end-") as folder:
        runs = list(measured(Path(folder), options.people, options.seed))
    shown(runs)
    return int(not all(run.report.converged for run in runs))


def measured(folder: Path, people: int, seed: int) -> Iterator[Run]:
    """The runs, in an office whose systems are all written to."""
    with office(folder, people, seed) as org, pytest.MonkeyPatch.context() as patched:
        for module in (salesforce, hubspot_reading):  # what was written minutes ago isn't looked at again
            patched.setattr(module, "OVERLAP", type(module.OVERLAP)(0))
        for system in SYSTEMS:
            connect(system)
        org.open(*SCOPES)
        yield timed("first run", lambda: reconcile(initial=True))
        for name in (f"{SHARE:.0%} run", "another"):
            edit(org, round(people * SHARE), name)
            yield timed(name, reconcile)


def edit(org: Office, count: int, word: str) -> None:
    """People give so many records another first name, in each system a third of them, and other people's."""
    each = count // len(EDITED)
    for turn, (system, name, key, prop) in enumerate(EDITED):
        rows = org.running.world.store.table(f"{system}.{name}").rows()
        for row in islice(rows, turn * each, (turn + 1) * each):
            org.person.edit(system, name, str(row[key]), prop, f"{word} {row[key]}")


def timed(name: str, reconciled: Callable[[], RunReport]) -> Run:
    """A run, with the seconds of every verb that its sentences say."""
    with noting() as spent:
        began = time.monotonic()
        report = reconciled()
        took = time.monotonic() - began
    return Run(name, report, took, spent)


def shown(runs: Sequence[Run]) -> None:
    """A column a run: what it did, then its verbs in the order in which they were said first."""
    page, table = Console(width=120), Table("", *(run.name for run in runs), box=None)
    told: dict[str, Callable[[Run], str]] = {
        "changes": lambda run: f"{len(run.report.plan.changes):,}",
        "applied": lambda run: f"{run.report.receipts['applied']:,}",
        **{f"calls to {system}": partial(_calls, system) for system in SYSTEMS},
        "seconds": lambda run: f"{run.seconds:,.1f}",
        **{f"  {verb}": partial(_spent, verb) for verb in dict.fromkeys(chain.from_iterable(r.verbs for r in runs))},
        "  between verbs": lambda run: f"{run.seconds - sum(run.verbs.values()):,.1f}",
        "agreed in the end": lambda run: str(run.report.converged),
    }
    for name, tell in told.items():
        table.add_row(name, *(tell(run) for run in runs))
    page.print(table)
    page.print(
        f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:,.1f} GB, the emulators' with it"
    )


def _calls(system: str, run: Run) -> str:
    return f"{sum(run.report.api_calls.get(system, {}).values()):,}"


def _spent(verb: str, run: Run) -> str:
    return f"{run.verbs.get(verb, 0):,.1f}"


if __name__ == "__main__":
    sys.exit(main())
