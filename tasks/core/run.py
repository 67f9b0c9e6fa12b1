"""What a run did, as its caller is told: plan, receipts, what didn't stick, whether anything is left to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from tasks.core.outcome import RESIDUALS
from tasks.core.plan import Plan
from tasks.core.state import empty

STALE = ("change", "field", "reason")

Calls = Mapping[str, Mapping[str, int]]  # system → {"read": n, "write": n}


def calls_since(before: Calls, now: Calls) -> dict[str, dict[str, int]]:
    """The calls made between two counts."""
    return {
        system: {way: n - before.get(system, {}).get(way, 0) for way, n in counts.items()}
        for system, counts in now.items()
    }


@dataclass(frozen=True)
class Asked:
    """What somebody asked of a run.

    `initial` lifts the breakers for creates and first sights; `only` narrows it to people with those phone numbers;
    `objects` are the Salesforce objects of a one-time pull; `retry_parked` plans again what was refused for good;
    `full` looks at everybody, whatever moved.
    """

    mode: str
    initial: bool = False
    only: Sequence[str] = ()
    objects: Sequence[str] = ()
    retry_parked: bool = False
    full: bool = False


@dataclass(frozen=True)
class Drafted:
    """A plan that was made and stored, and what making it cost."""

    plan: Plan
    api_calls: Calls = field(default_factory=dict)


@dataclass(frozen=True)
class RunReport:
    """A plan that was carried out. `receipts` counts changes by outcome: applied, refused, failed, stale. `api_calls`
    are those of the whole run, `spent` those of carrying it out, to stand beside the plan's forecast. `stale` (columns
    STALE) has the cells that weren't true any more.

    `converged`: nothing is left that a next plan would do; None where that can't be said (a system went away).
    """

    plan: Plan
    api_calls: Calls
    receipts: Mapping[str, int]
    residuals: pd.DataFrame = field(default_factory=lambda: empty(RESIDUALS))
    converged: bool | None = None
    refusals: pd.DataFrame = field(default_factory=pd.DataFrame)  # change, reason: the vendor's own words
    stale: pd.DataFrame = field(default_factory=lambda: empty(STALE))
    spent: Calls = field(default_factory=dict)
