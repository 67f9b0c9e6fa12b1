"""An existing org is taken in: assessed, tried on a few, by waves, until all agree; with numbers and times.

`python -m tests.bench.onboarding --records 80000` makes a dirty org of so many contacts (the sandbox's mess: shared
numbers, Leads beside Contacts, numbers that are none, e-mails of others, values that differ) and prints a line a step:
seconds, what it changed, what it wrote where. Ends with exit code 1 if the last step leaves anything to do.
"""

import argparse
import resource
import sys
import tempfile
from pathlib import Path

from tasks.core.assessing.assessment import counts, told
from tests.flows.onboarding import FirstDays, Step, take_in
from tests.flows.worlds import office

RECORDS_A_PERSON = 2.35  # about as many as a person of the sandbox's has in the three systems


def main() -> int:
    """Take in the org that the command line asks for."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--records", type=int, default=80_000, help="how many contacts, in all systems together")
    asked.add_argument("--pilot", type=int, default=50, help="how many people go first")
    asked.add_argument("--seed", type=int, default=7)
    options = asked.parse_args()
    people = round(options.records / RECORDS_A_PERSON)
    with tempfile.TemporaryDirectory(prefix="onboarding-") as folder, office(Path(folder), people, options.seed) as org:
        days = take_in(org, Path(folder), options.pilot)
    tell(days)
    return int(not days.steps[-1].report or not days.steps[-1].report.converged)


def tell(days: FirstDays) -> None:
    """What was found, then a line a step."""
    made = days.assessment
    say(f"{sum(row['records'] for row in told(made.inventory)):,} records")
    for row in told(made.inventory):
        say("  {system} {object}: {records:,}; valid {valid:,}, invalid {invalid:,}, blank {blank:,}".format(**row))
    for problem, (records, owners) in counts(made.problems).items():
        say(f"  {problem}: {records:,} records of {owners:,} owners")
    say(f"{len(days.files):,} files; {made.new_numbers:,} new numbers cost ${made.price:,.2f}")
    for cost in made.costs:
        say(f"  {cost.system}: {cost.calls:,} calls, {cost.hours:,.2f} h, {cost.runs} runs")
    say(f"{'step':<16}{'seconds':>9}{'changes':>9}{'applied':>9}  writes")
    for step in days.steps:
        say(_line(step))
    say(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:,.1f} GB, the sandbox's with it")


def _line(step: Step) -> str:
    report = step.report
    done = (f"{len(report.plan.changes):,}", f"{report.receipts['applied']:,}") if report else ("", "")
    writes = ", ".join(f"{system} {n:,}" for system, n in step.writes.items() if n)
    return f"{step.name:<16}{step.seconds:>9,.1f}{done[0]:>9}{done[1]:>9}  {writes}"


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
