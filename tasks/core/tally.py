"""What the gate counts of a system's records, whoever looks at them: counts of some and of all others add up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from tasks.core.model import Schema
from tasks.core.policy import Policy
from tasks.core.statuses import astray


@dataclass(frozen=True)
class Tally:
    """So many records, each once; of them `phones` have a phone number, `unreadable` hold text in a phone field that is
    no valid one, and `strays` have a Lead Status that isn't one of HubSpot's options."""

    records: int = 0
    phones: int = 0
    unreadable: int = 0
    strays: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(ours + theirs for ours, theirs in zip(_counts(self), _counts(other), strict=True)))

    def __sub__(self, other: "Tally") -> "Tally":
        return Tally(*(ours - theirs for ours, theirs in zip(_counts(self), _counts(other), strict=True)))


Tallies = Mapping[str, Tally]  # by system


def tallied(records: pd.DataFrame, policy: Policy, schemas: Mapping[str, Schema]) -> dict[str, Tally]:
    """The tally of each system in a frame of `core.normalise`."""
    phones = [name for name, field in policy.fields.items() if field.type == "phone"]
    unreadable = _unreadable(records, phones)
    told = pd.DataFrame(
        {
            "records": True,
            "phones": unreadable | records["key"].notna(),
            "unreadable": unreadable,
            "strays": astray(records, policy, schemas),
        }
    )
    counts = told.groupby(records["system"]).sum()
    return {str(system): Tally(*map(int, row)) for system, *row in counts.itertuples(name=None)}


def added(one: Tallies, other: Tallies) -> dict[str, Tally]:
    """Both together."""
    return {system: one.get(system, Tally()) + other.get(system, Tally()) for system in sorted({*one, *other})}


def without(one: Tallies, other: Tallies) -> dict[str, Tally]:
    """Those of `one` that aren't among the `other`."""
    return {system: tally - other.get(system, Tally()) for system, tally in one.items()}


def _counts(tally: Tally) -> Sequence[int]:
    return (tally.records, tally.phones, tally.unreadable, tally.strays)


def _unreadable(records: pd.DataFrame, phones: Sequence[str]) -> "pd.Series[bool]":
    """Which records have text that is no valid number in a phone field: there is no canonical value where the system
    gave one."""
    unreadable = pd.Series(False, index=records.index)
    for name in (phone for phone in phones if phone in records):
        unreadable |= records[name].isna() & records[f"{name}_raw"].notna()
    return unreadable
