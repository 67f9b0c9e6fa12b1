"""E-mail addresses that several people claim: a create or an update that would spread one is held, and reported."""

from collections.abc import Iterable, Mapping

import pandas as pd

from tasks.core.keys import listed
from tasks.core.match import Matching
from tasks.core.plan import COLLISIONS
from tasks.core.policy import Policy
from tasks.core.state import empty


def hold(
    writes: pd.DataFrame, matching: Matching, decisions: Mapping[str, pd.DataFrame], policy: Policy
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`writes` without those whose address another person holds (a create is held whole), and the collisions."""
    emails = [name for name, field in policy.fields.items() if field.type == "email"]
    held = pd.Series(False, index=writes.index)
    collisions = []
    for name in emails:
        shared = _shared(name, matching, decisions)
        claim = (writes["field"] == name) & writes["value"].isin(shared)
        whole = writes["kind"].eq("create") & (writes["system"] + writes["person"]).isin(
            (writes["system"] + writes["person"])[claim]
        )
        held |= claim | whole
        collisions.append(_collisions(name, writes.loc[claim, "value"].unique(), matching))
    return writes[~held], pd.concat(collisions, ignore_index=True) if collisions else empty(COLLISIONS)


def _shared(name: str, matching: Matching, decisions: Mapping[str, pd.DataFrame]) -> "pd.Index[str]":
    """Addresses that more than one person has now, in any record, or will have."""
    now = matching.records[["person", name]].rename(columns={name: "address"})
    then = decisions[name]["golden"].rename("address").rename_axis("person").reset_index()
    pairs = pd.concat([now, then]).dropna().drop_duplicates()
    pairs = pairs[pairs["address"] != ""]
    shared = pairs["address"].duplicated(keep=False)
    addresses: pd.Index[str] = pd.Index(pairs.loc[shared, "address"]).unique()
    return addresses


def _collisions(name: str, addresses: Iterable[str], matching: Matching) -> pd.DataFrame:
    claimed = matching.records[matching.records[name].isin(list(addresses))].sort_index()
    rows = [
        ("email-taken", group["key"].dropna().min(), listed(group.index), "")
        for _, group in claimed.groupby(name, sort=True)
    ]
    return pd.DataFrame(rows, columns=list(COLLISIONS), dtype="str")
