"""E-mail addresses that several people claim: a create or an update that would spread one is held, and reported."""

from collections.abc import Collection, Mapping

import pandas as pd

from tasks.core.frames import Bools, among, column
from tasks.core.identity.keys import listed
from tasks.core.matching import Matching
from tasks.core.model import HUBSPOT
from tasks.core.plan import COLLISIONS
from tasks.core.policy import Policy
from tasks.core.state import RETIRED, TOMBSTONE, State, empty


def hold(
    writes: pd.DataFrame, matching: Matching, decisions: Mapping[str, pd.DataFrame], state: State, policy: Policy
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`writes` without those whose address another person holds (a create is held whole), and the collisions. HubSpot
    has an address once: there another record is enough, be it a shadow of the same person or out of scope.

    What was decided about somebody counts, in sight or not, until all of their records are deleted.
    An address that this plan takes off a record is free, except in HubSpot, which refuses it until it is released.
    What is held releases nothing, so the question is asked again until nothing more falls.
    """
    held = pd.Series(False, index=writes.index)
    collisions = [empty(COLLISIONS)]
    buried = _buried(matching, state)
    for name in (name for name, field in policy.fields.items() if field.type == "email"):
        golden = _golden(name, matching, decisions, state).drop(buried, errors="ignore")
        claimed = pd.Series(False, index=writes.index)
        while True:
            more = _claims(name, writes[~held], matching, golden).reindex(writes.index, fill_value=False)
            if not more.any():
                break
            claimed |= more
            held |= more | _whole_creates(writes, more)
        collisions.append(_collisions(name, writes.loc[claimed, "value"].unique(), matching, golden))
    return writes[~held], pd.concat(collisions, ignore_index=True)


def _golden(name: str, matching: Matching, decisions: Mapping[str, pd.DataFrame], state: State) -> "pd.Series[str]":
    """What was decided of everybody, by this run or before it."""
    people, decided = matching.people.index, decisions[name]["golden"]
    before = column(state.golden, name)
    golden: pd.Series[str] = pd.concat(
        [decided, before[among(before.index, people) & ~among(before.index, decided.index)]]
    )
    return golden


def _buried(matching: Matching, state: State) -> "pd.Index[str]":
    """People all of whose records are gone."""
    known = state.links[~among(state.links.index, matching.links.index)]
    links = pd.concat([matching.links, known], ignore_index=True)[["person", "role"]]
    gone = links["role"].isin([TOMBSTONE, RETIRED])
    people = pd.Index(links.loc[gone, "person"].unique())
    buried: pd.Index[str] = people[~among(people, links.loc[~gone, "person"])]
    return buried


def _claims(name: str, writes: pd.DataFrame, matching: Matching, golden: "pd.Series[str]") -> "pd.Series[bool]":
    """Which writes would spread an address that another person has, after all of them."""
    mine = writes["field"] == name
    updated = writes[mine & writes["kind"].eq("update")]
    overwritten = updated["system"] + ":" + updated["object"] + ":" + updated["record_id"]
    records = matching.records[["person", "system", name]]
    stays = records[~among(records.index, overwritten)]
    unique_there = records[records["system"] == HUBSPOT]
    anywhere = _shared(name, stays, golden, writes["value"])
    in_hubspot = _shared(name, pd.concat([stays, unique_there]), golden, writes["value"])
    strangers = matching.strangers.loc[matching.strangers["system"] == HUBSPOT, list(records)]
    occupied = _of_another_record(name, writes, pd.concat([unique_there, strangers]))
    return mine & (anywhere | ((in_hubspot | occupied) & writes["system"].eq(HUBSPOT)))


def _of_another_record(name: str, writes: pd.DataFrame, records: pd.DataFrame) -> "pd.Series[bool]":
    """Which writes carry an address that one of these records has, other than the one that is written."""
    holders = records[name].rename_axis("ref").rename("address").dropna().reset_index()
    target = writes["system"] + ":" + writes["object"] + ":" + writes["record_id"]
    asked = pd.DataFrame({"write": writes.index, "target": target.to_numpy(), "address": writes["value"].to_numpy()})
    met = asked.merge(holders[holders["address"] != ""], on="address")
    others = met.loc[met["target"].isna() | (met["target"] != met["ref"]), "write"]
    return pd.Series(writes.index.isin(others), index=writes.index)


def _whole_creates(writes: pd.DataFrame, claimed: "pd.Series[bool]") -> "pd.Series[bool]":
    """All rows of the creates that carry a claimed address."""
    record = writes["system"] + " " + writes["person"]
    return writes["kind"].eq("create") & among(record, record[claimed])


def _shared(name: str, records: pd.DataFrame, golden: "pd.Series[str]", asked: "pd.Series[str]") -> Bools:
    """Which of the addresses more than one person has, in one of these records or as what was decided."""
    now = records[["person", name]].rename(columns={name: "address"})
    then = golden.rename("address").rename_axis("person").reset_index()
    pairs = pd.concat([rows[among(rows["address"], asked)] for rows in (now, then)]).drop_duplicates()
    several = pairs.loc[pairs["address"].duplicated() & (pairs["address"] != ""), "address"]
    return among(asked, several)


def _collisions(name: str, addresses: Collection[str], matching: Matching, golden: "pd.Series[str]") -> pd.DataFrame:
    """Who claims each address: the records that say it, and people of whom it was decided and no record in sight says
    it, by the record that they are called by."""
    known = pd.concat([matching.records, matching.strangers])[[name, "person"]]
    said = known[among(known[name], addresses)].rename(columns={name: "address"}).rename_axis("who").reset_index()
    decided = golden[among(golden, addresses)].rename("address").rename_axis("person").reset_index()
    claimed = pd.concat([said, decided], ignore_index=True)
    claimed = claimed[claimed["who"].notna() | ~claimed.duplicated(["address", "person"])]
    claimed = claimed.assign(
        who=claimed["who"].fillna(claimed["person"]),
        number=matching.people["key"].reindex(claimed["person"]).to_numpy(),
    )
    claims = claimed.groupby("address").agg(records=("who", listed), phone=("number", "min")).reset_index()
    return claims.assign(kind="email-taken", chosen="")[list(COLLISIONS)].astype("str")
