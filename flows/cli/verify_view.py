"""The drift alarm, told to a person: what departs from what was decided, what stands on purpose, what to do next."""

from collections.abc import Iterator
from typing import Any

from flows.cli.plan_view import show_verdict
from flows.cli.screen import Screen, count, plain
from tasks.core import render
from tasks.core.explaining.drift import DRIFT, DUE, GONE, MISSING, UNDECIDED, UNSETTLED, UNSTUCK
from tasks.verify import Verified

MEANING = {
    UNSETTLED: "the next run finds out how it ended",
    DRIFT: "changed in Aloware without authority; the next run restores it",
    UNSTUCK: "was written, and isn't there",
    DUE: "somebody changed a value elsewhere; the next run carries it",
    MISSING: "somebody should have a record there; the next run creates it",
    GONE: "deleted, merged or converted since the last run",
    UNDECIDED: "sides differ, and the rule leaves it to a person",
}


def verified_object(verified: Verified) -> dict[str, Any]:
    """A plan's object whose plan has no id, for it can't be applied; with `converged` and the counted `deviations`."""
    told = render.plan_object(verified.plan, verified.api_calls)
    deviations = [dict(zip(("what", "system", "field", "count"), row, strict=True)) for row in _deviations(verified)]
    return told | {"plan": None, "converged": verified.converged, "deviations": deviations}


def show_verified(screen: Screen, verified: Verified) -> None:
    """The whole page."""
    plan = verified.plan
    found = "converged: nothing to do" if verified.converged else count(len(plan.changes), "change") + " to make"
    screen.say(f"Run {plan.run} looked at everything and wrote nothing: {found}.", style="bold")
    screen.table(
        "What differs from what was decided",
        ("what", "system", "field", "how many", "meaning"),
        [
            (what, system or "", field or "", f"{number:,}", MEANING[what])
            for what, system, field, number in _deviations(verified)
        ],
    )
    screen.table(
        "Settled: known and accepted",
        ("system", "field", "why", "how many"),
        [
            (str(row[0]), str(row[1]), plain(row[2]), f"{row[3]:,}")
            for row in verified.alarm.settled.itertuples(index=False)
        ],
    )
    screen.say()
    show_verdict(screen, plan)
    if not verified.converged:
        screen.say("Next: `tandem plan` shows each of them, `tandem reconcile` settles what isn't held.")


def _deviations(verified: Verified) -> Iterator[tuple[str, str | None, str | None, int]]:
    """What, in which system, in which field, how often; None where a system or a field has nothing to do with it."""
    for row in verified.alarm.deviations.itertuples(index=False):
        what, system, field, number = (str(row[0]), str(row[1]), str(row[2]), int(str(row[3])))
        yield what, system or None, field or None, number
