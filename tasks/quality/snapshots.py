"""Is a pulled system fit to be believed? Checks of one system's snapshot before anything is decided from it."""

import pandas as pd

from tasks.core.tally import Tally
from tasks.quality.checked import Checked
from tasks.quality.facts import Fact, check_facts

SHRUNK = 0.5  # the share of rows that may be gone since the last accepted run (design, the gate)


def check_snapshot(
    system: str, refs: "pd.Index[str]", tally: Tally, accepted_rows: int | None, unparseable_limit: float = 0.5
) -> Checked:
    """Check what was pulled of one system: `refs` names every row of it, the `tally` counts its records, each once.

    `accepted_rows` is how many rows the last accepted run saw, None before the first one. Every failure is about the
    set: it has a finding that holds and a breaker named after the system.
    """
    facts = [*_identity(refs), _phones(tally, unparseable_limit), _size(tally.records, accepted_rows)]
    return check_facts(system, facts)


def _identity(refs: "pd.Index[str]") -> list[Fact]:
    """A system that gives two records one id, or one of them none, leaves everybody guessing which is meant."""
    blank = refs.isna() | refs.str.strip().str.endswith(":")
    repeated = refs[~blank].duplicated()
    return [
        Fact("blank-ids", "every record has an id", int(blank.sum()), 0, int(blank.sum())),
        Fact("repeated-ids", "no two records have the same id", int(repeated.sum()), 0, int(repeated.sum())),
    ]


def _phones(tally: Tally, limit: float) -> Fact:
    """The share is of the records that have a phone number at all: few of them must not hide that none can be read."""
    bad = tally.unreadable
    share = bad / tally.phones if tally.phones else float("nan")
    return Fact(
        "unparseable-phones", f"at most {limit:.0%} of the records with a phone hold an invalid one", share, limit, bad
    )


def _size(rows: int, accepted: int | None) -> Fact:
    lost = accepted - rows if accepted else 0
    share = lost / accepted if accepted else float("nan")
    return Fact("shrunk-snapshot", "at least half of the last accepted run's records are there", share, SHRUNK, lost)
