"""Is a pulled system fit to be believed? Checks of one system's snapshot before anything is decided from it."""

from collections.abc import Sequence

import pandas as pd

from tasks.quality.checked import Checked
from tasks.quality.facts import Fact, check_facts

SHRUNK = 0.5  # the share of rows that may be gone since the last accepted run (design, the gate)


def check_snapshot(
    system: str,
    refs: "pd.Index[str]",
    records: pd.DataFrame,
    accepted_rows: int | None,
    phones: Sequence[str] = ("phone",),
    unparseable_limit: float = 0.5,
) -> Checked:
    """Check what was pulled of one system: `refs` names every row of it, `records` are its rows in the frame of
    `core.normalise`, each record once.

    `accepted_rows` is how many rows the last accepted run saw, None before the first one; `phones` are the policy's
    fields of that type. Every failure is about the set: it has a finding that holds and a breaker named after the
    system.
    """
    return check_facts(
        system, [*_identity(refs), _phones(records, phones, unparseable_limit), _size(len(records), accepted_rows)]
    )


def _identity(refs: "pd.Index[str]") -> list[Fact]:
    """A system that gives two records one id, or one of them none, leaves everybody guessing which is meant."""
    blank = refs.isna() | refs.str.strip().str.endswith(":")
    repeated = refs[~blank].duplicated()
    return [
        Fact("blank-ids", "every record has an id", int(blank.sum()), 0, int(blank.sum())),
        Fact("repeated-ids", "no two records have the same id", int(repeated.sum()), 0, int(repeated.sum())),
    ]


def _phones(records: pd.DataFrame, phones: Sequence[str], limit: float) -> Fact:
    """The share is of the records that have a phone number at all: few of them must not hide that none can be read."""
    unparseable = _unparseable(records, phones)
    with_phone = int((unparseable | records["key"].notna()).sum())
    bad = int(unparseable.sum())
    share = bad / with_phone if with_phone else float("nan")
    return Fact(
        "unparseable-phones", f"at most {limit:.0%} of the records with a phone hold an invalid one", share, limit, bad
    )


def _unparseable(records: pd.DataFrame, phones: Sequence[str]) -> "pd.Series[bool]":
    """Which records have text that is no valid number in a phone field: there is no canonical value where the system
    gave one."""
    unparseable = pd.Series(False, index=records.index)
    for name in (phone for phone in phones if phone in records):
        unparseable |= records[name].isna() & records[f"{name}_raw"].notna()
    return unparseable


def _size(rows: int, accepted: int | None) -> Fact:
    lost = accepted - rows if accepted else 0
    share = lost / accepted if accepted else float("nan")
    return Fact("shrunk-snapshot", "at least half of the last accepted run's records are there", share, SHRUNK, lost)
