"""E-mail addresses that several people claim: a create or an update that would spread one is held, and reported."""

from collections.abc import Iterable, Mapping

import pandas as pd

from tasks.core.keys import listed
from tasks.core.match import Matching
from tasks.core.model import HUBSPOT
from tasks.core.plan import COLLISIONS
from tasks.core.policy import Policy
from tasks.core.state import empty


def hold(
    writes: pd.DataFrame, matching: Matching, decisions: Mapping[str, pd.DataFrame], policy: Policy
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`writes` without those whose address another person holds (a create is held whole), and the collisions.

    An address that this plan takes off a record is free, except in HubSpot, which refuses it until it is released.
    What is held releases nothing, so the question is asked again until nothing more falls.
    """
    held = pd.Series(False, index=writes.index)
    collisions = [empty(COLLISIONS)]
    for name in (name for name, field in policy.fields.items() if field.type == "email"):
        claimed = pd.Series(False, index=writes.index)
        while True:
            more = _claims(name, writes[~held], matching, decisions).reindex(writes.index, fill_value=False)
            if not more.any():
                break
            claimed |= more
            held |= more | _whole_creates(writes, more)
        collisions.append(_collisions(name, writes.loc[claimed, "value"].unique(), matching))
    return writes[~held], pd.concat(collisions, ignore_index=True)


def _claims(
    name: str, writes: pd.DataFrame, matching: Matching, decisions: Mapping[str, pd.DataFrame]
) -> "pd.Series[bool]":
    """Which writes would spread an address that another person has, after all of them."""
    mine = writes["field"] == name
    updated = writes[mine & writes["kind"].eq("update")]
    overwritten = updated["system"] + ":" + updated["object"] + ":" + updated["record_id"]
    stays = matching.records[~matching.records.index.isin(overwritten)]
    unique_there = matching.records[matching.records["system"] == HUBSPOT]
    golden = decisions[name]["golden"]
    anywhere = writes["value"].isin(_shared(name, stays, golden))
    in_hubspot = writes["value"].isin(_shared(name, pd.concat([stays, unique_there]), golden))
    return mine & (anywhere | (in_hubspot & writes["system"].eq(HUBSPOT)))


def _whole_creates(writes: pd.DataFrame, claimed: "pd.Series[bool]") -> "pd.Series[bool]":
    """All rows of the creates that carry a claimed address."""
    record = writes["system"] + " " + writes["person"]
    return writes["kind"].eq("create") & record.isin(record[claimed])


def _shared(name: str, records: pd.DataFrame, golden: "pd.Series[str]") -> "pd.Index[str]":
    """Addresses that more than one person has, in one of these records or as what was decided."""
    now = records[["person", name]].rename(columns={name: "address"})
    then = golden.rename("address").rename_axis("person").reset_index()
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
