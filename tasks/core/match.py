"""Who is who: records → people, by link, by number, by e-mail; and who speaks for each person (design, identity).

Nothing is guessed: a record with neither a valid number nor an unambiguous e-mail is quarantined, a number that two
people claim is a collision, and both are reported.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from tasks.core import keys, succession
from tasks.core.model import ALOWARE, SALESFORCE, SYSTEMS
from tasks.core.plan import COLLISIONS, QUARANTINE
from tasks.core.policy import Policy
from tasks.core.state import LINKS, REPRESENTATIVE, RETIRED, SHADOW, TOMBSTONE, State, empty


@dataclass(frozen=True)
class Matching:
    """Records with their people.

    records     the normalised records that belong to somebody, plus `person`, `role`, `base_ref` (whose bases they
                inherit: usually their own) and `foreign` (bool: an Aloware contact that changed hands)
    people      index `person`; `key`, `born`, `key_before` (missing for somebody new)
    links       index `ref`, columns LINKS: crosswalk rows that are new or changed
    collisions  columns COLLISIONS; quarantine columns QUARANTINE
    """

    records: pd.DataFrame
    people: pd.DataFrame
    links: pd.DataFrame
    collisions: pd.DataFrame
    quarantine: pd.DataFrame


def match(records: pd.DataFrame, state: State, gone: Mapping[str, str], policy: Policy) -> Matching:
    """Give every record its person and its role. Deterministic: independent of the order of systems, pages and rows."""
    records = records.sort_index()
    succeeded = succession.follow(records, state.links, gone)
    records = records.assign(person=succeeded.person, base_ref=succeeded.base_ref, foreign=False)
    speaking = ~records.index.isin(succeeded.ended.index)
    people, taken = keys.move(records[speaking & records["person"].notna()], state, policy)
    left_behind = _left_behind(records, people)
    retired = records.index[records.index.isin(state.links.index[state.links["role"] == RETIRED])].union(left_behind)
    records = _take_over(records, retired, people)
    retired = retired.difference(records.index[records["foreign"]])

    free = speaking & records["person"].isna() & ~records.index.isin(retired)
    joined, people = _join(records[free], records[records["person"].notna()], people)
    records = records.assign(person=records["person"].fillna(joined))
    lost = free & records["person"].isna()
    members = records[speaking & records["person"].notna() & ~records.index.isin(retired)]
    members = members.assign(role=_roles(members, state, policy))

    return Matching(
        records=members,
        people=people,
        links=_links(members, retired, records, succeeded.ended, state),
        collisions=pd.concat([taken, _shared(members)], ignore_index=True).astype("str"),
        quarantine=_quarantine(records[lost], members, policy),
    )


def _left_behind(records: pd.DataFrame, people: pd.DataFrame) -> "pd.Index[str]":
    """Aloware contacts that still carry the number a person moved away from: there is no re-key call."""
    contacts = records[(records["system"] == ALOWARE) & records["person"].notna()]
    owners = people.reindex(contacts["person"])
    moved = owners["key_before"].notna() & (owners["key_before"] != owners["key"])
    stays_at_old = contacts["key"].to_numpy() == owners["key_before"].to_numpy()
    left: pd.Index[str] = contacts.index[moved.to_numpy() & stays_at_old]
    return left


def _take_over(records: pd.DataFrame, retired: pd.Index, people: pd.DataFrame) -> pd.DataFrame:
    """A person whose number is carried by a retired contact takes it over; what it says is foreign to them."""
    holder = pd.Series(people.index, index=people["key"])
    contacts = records.loc[retired]
    owner = contacts["key"].map(holder[~holder.index.duplicated()])
    owner = owner[owner.notna()]
    records = records.copy()
    records.loc[owner.index, "person"] = owner
    records.loc[owner.index, "foreign"] = True
    return records


def _join(free: pd.DataFrame, linked: pd.DataFrame, people: pd.DataFrame) -> tuple["pd.Series[str]", pd.DataFrame]:
    """Unlinked records: to the holder of their number, by an unambiguous e-mail, or to a new person."""
    holder = pd.Series(people.index, index=people["key"], dtype="str")
    person = free["key"].map(holder[~holder.index.duplicated()]).astype("str")

    founders = free[person.isna() & free["key"].notna()]
    rank = founders["system"].map({system: n for n, system in enumerate(SYSTEMS)})
    first = founders.assign(rank=rank).sort_values(["rank", "object", "record_id"]).drop_duplicates("key")
    new = pd.Series(first.index, index=first["key"], dtype="str")
    person = person.fillna(free["key"].map(new).astype("str"))
    founded = pd.DataFrame(
        {"key": first["key"].to_numpy(), "born": first["system"].to_numpy(), "key_before": pd.NA},
        index=pd.Index(first.index, name="person"),
        dtype="str",
    )
    everyone = pd.concat([people, founded])

    known = pd.concat([linked, free.assign(person=person)])
    person = person.fillna(_by_email(free[person.isna()], known[known["person"].notna()]))
    return person, everyone


def _by_email(nameless: pd.DataFrame, known: pd.DataFrame) -> "pd.Series[str]":
    """A record without a number joins the one person with its address, where that is unique on both sides."""
    if "email" not in nameless or nameless.empty:
        return pd.Series([], index=nameless.index[:0], dtype="str")
    address = nameless["email"].where(nameless["email"].fillna("") != "")
    alone = ~address.groupby([nameless["system"], address]).transform("size").gt(1)
    holders = known[known["email"].fillna("") != ""].drop_duplicates(["email", "person"])
    unique = holders.drop_duplicates("email", keep=False).set_index("email")["person"]
    return address.where(alone).map(unique).astype("str")


def _roles(members: pd.DataFrame, state: State, policy: Policy) -> "pd.Series[str]":
    """One representative per person and system: priority object, then the present one, then the policy's pick."""
    ranks = {name: n for n, name in enumerate(policy.salesforce.objects)}
    was = state.links["role"].reindex(members.index).eq(REPRESENTATIVE)
    born = members["created_at"].astype("int64") * (1 if policy.phones.pick == "oldest" else -1)
    order = members.assign(
        object_rank=members["object"].map(ranks).where(members["system"] == SALESFORCE, 0), was=~was, born=born
    ).sort_values(["person", "system", "object_rank", "was", "born", "record_id"])
    first = ~order.duplicated(["person", "system"])
    roles = first.map({True: REPRESENTATIVE, False: SHADOW})
    return roles.reindex(members.index).astype("str")


def _shared(members: pd.DataFrame) -> pd.DataFrame:
    """One number on several records of one system: said aloud, with the one that was chosen to speak."""
    sized = members.groupby(["person", "system"])["record_id"].transform("size")
    several = members[sized > 1].rename_axis("ref").reset_index().sort_values("ref")
    if several.empty:
        return empty(COLLISIONS)
    groups = several.groupby(["person", "system"], sort=True)
    chosen = several[several["role"] == REPRESENTATIVE].set_index(["person", "system"])
    found = pd.DataFrame({"records": groups["ref"].agg(keys.listed), "objects": groups["object"].nunique()})
    found["kind"] = found["objects"].eq(1).map({True: "shared-number", False: "lead-and-contact"})
    found["phone"] = chosen["key"]
    found["chosen"] = chosen["ref"]
    return found[list(COLLISIONS)].reset_index(drop=True).astype("str")


def _links(
    members: pd.DataFrame, retired: pd.Index, records: pd.DataFrame, ended: "pd.Series[str]", state: State
) -> pd.DataFrame:
    """Crosswalk rows that differ from what the ledger has."""
    aside = records.loc[retired].assign(role=RETIRED)
    rows = pd.concat([members[list(LINKS)], aside[list(LINKS)]])
    buried = state.links.loc[state.links.index.intersection(ended.index)].assign(role=TOMBSTONE)
    rows = pd.concat([rows[~rows.index.isin(buried.index)], buried[list(LINKS)]]).astype("str")
    before = state.links.reindex(rows.index)
    same = (rows["person"] == before["person"]) & (rows["role"] == before["role"])
    return rows[~same.fillna(False)].rename_axis("ref")


def _quarantine(lost: pd.DataFrame, members: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Records nobody can place, and cells of known people that hold text where a number was due."""
    rows = lost[["system", "object", "record_id"]].assign(reason="no valid phone number, and no e-mail match")
    found = [rows]
    for name in (n for n, field in policy.fields.items() if field.type == "phone"):
        bad = members[members[name].isna() & members[f"{name}_raw"].notna()]
        found.append(bad[["system", "object", "record_id"]].assign(reason=f"{name} is not a valid phone number"))
    return pd.concat(found, ignore_index=True)[list(QUARANTINE)].astype("str")
