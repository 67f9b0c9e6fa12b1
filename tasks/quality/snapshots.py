"""Is a pulled system fit to be believed? Checks of one system's snapshot before anything is decided from it."""

from collections.abc import Sequence

import pandas as pd

from tasks.core.model import Snapshot
from tasks.core.tally import Tally
from tasks.quality.checked import Checked
from tasks.quality.facts import Fact, check_facts

SHRUNK = 0.5  # the share of rows that may be gone since the last accepted run (design, the gate)


def check_snapshot(
    snapshot: Snapshot, tally: Tally, accepted_rows: int | None, unparseable_limit: float = 0.5
) -> Checked:
    """Check what was pulled of one system; the `tally` counts its records, each once.

    `accepted_rows` is how many rows the last accepted run saw, None before the first one. Every failure is about the
    set: it has a finding that holds and a breaker named after the system.
    """
    ids = [frame["record_id"] for frame in snapshot.frames.values()]
    facts = [*_identity(ids), _phones(tally, unparseable_limit), _size(tally.records, accepted_rows)]
    return check_facts(snapshot.system, facts)


def _identity(objects: Sequence["pd.Series[str]"]) -> list[Fact]:
    """A system that gives two records of an object one id, or one of them none, leaves everybody guessing which is
    meant."""
    named = [ids[ids.notna() & ids.str.strip().ne("")] for ids in objects]
    blank = sum(map(len, objects)) - sum(map(len, named))
    repeated = sum(int(ids.duplicated().sum()) for ids in named)
    return [
        Fact("blank-ids", "every record has an id", blank, 0, blank),
        Fact("repeated-ids", "no two records have the same id", repeated, 0, repeated),
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
