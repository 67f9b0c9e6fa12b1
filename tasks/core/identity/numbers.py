"""The numbers in a record's phone fields: what stands in one isn't written into another (design, identity 1)."""

from collections.abc import Sequence

import pandas as pd

from tasks.core.policy import Policy
from tasks.core.state import empty


def carried(members: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Every valid number in whatever phone field: columns `ref`, `person`, `number`, once each."""
    names = [name for name, field in policy.fields.items() if field.type == "phone"]
    found = [empty(["ref", "person", "number"])]
    for n, name in enumerate(names):
        told = members[name].fillna("") != ""
        for before in names[:n]:
            told &= members[name] != members[before].fillna("")
        rows = members.loc[told, ["person", name]].rename_axis("ref").reset_index()
        found.append(rows.rename(columns={name: "number"}))
    return pd.concat(found, ignore_index=True)


def repeats(writes: pd.DataFrame, records: pd.DataFrame, phones: Sequence[str]) -> "pd.Series[bool]":
    """Which of `writes` (columns `ref`, `field`, `value`) would give a record a number that it holds elsewhere.

    What counts is the record after the rest is written: a number that is being replaced isn't in the way, and of two
    fields that would get one number only the first does. A write that is dropped leaves its old number standing, so
    the question is asked again until nothing more falls.
    """
    mine = writes[writes["field"].isin(phones)]
    wanted = mine.pivot(index="ref", columns="field", values="value").reindex(columns=list(phones))
    present = records.loc[wanted.index, list(phones)]
    while True:
        after = wanted.fillna(present)
        falls = pd.DataFrame(
            {name: wanted[name].notna() & _elsewhere(name, wanted, after, phones) for name in phones},
            index=wanted.index,
        )
        if not falls.any(axis=None):
            break
        wanted = wanted.mask(falls)
    kept = wanted.stack().dropna().index
    return writes["field"].isin(phones) & ~pd.MultiIndex.from_frame(writes[["ref", "field"]]).isin(kept)


def _elsewhere(name: str, wanted: pd.DataFrame, after: pd.DataFrame, phones: Sequence[str]) -> "pd.Series[bool]":
    """Whether another field will hold what this one wants: one that stays as it is, or one that comes before."""
    found = pd.Series(False, index=wanted.index)
    for other in phones:
        if other != name:
            first = phones.index(other) < phones.index(name)
            found |= (after[other] == wanted[name]) & (wanted[other].isna() | first)
    return found
