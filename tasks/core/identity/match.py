"""Who is who: records → people, by link, by number, by e-mail; and who speaks for each person (design, identity).

Nothing is guessed: a record with neither a valid number nor an unambiguous e-mail is quarantined, a number that two
people claim is a collision, and both are reported.
"""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from tasks.core.frames import Bools, among
from tasks.core.identity import asks, contacts, keys, periods, quarantine, sharing, succession
from tasks.core.identity.union import pairs, replaced, survivors
from tasks.core.matching import Matching
from tasks.core.model import ALOWARE, SYSTEMS
from tasks.core.normalise import IDENTITY, TIMES
from tasks.core.policy import Policy
from tasks.core.state import LINKS, OUT_OF_SCOPE, REPRESENTATIVE, RETIRED, SHADOW, TOMBSTONE, State


def match(records: pd.DataFrame, state: State, gone: Mapping[str, str], policy: Policy) -> Matching:
    """Give every record its person and its role. Deterministic: independent of the order of systems, pages and rows."""
    whole = records.sort_index()
    records = whole[_telling(policy, whole)]
    succeeded = succession.follow(records, state, gone)
    ended = succeeded.ended
    records = records.assign(person=succeeded.person, base_ref=succeeded.base_ref, foreign=False)
    one = survivors(succeeded.pairs)
    records = _united(records, one)
    alive = records[~among(records.index, ended.index)]
    outside, inside = alive[~alive["in_scope"]], alive[alive["in_scope"]]

    holders = state.people[state.people["key"].notna() & ~among(state.people.index, one.index)]
    heirs = outside[outside["person"].notna() & ~among(outside.index, state.links.index)].assign(role=OUT_OF_SCOPE)
    links = state.links.assign(person=replaced(state.links["person"], one))
    united = replace(state, links=pd.concat([links, heirs[list(LINKS)]]).astype("str"))
    moves = keys.move(inside[inside["person"].notna()], holders, ended.index, united, policy)
    one = survivors([*pairs(one), *pairs(moves.absorbed)])
    inside, outside = _united(inside, moves.absorbed), _united(outside, moves.absorbed)

    people, inside = _found(inside, moves.people, state, policy)
    handover = contacts.follow(inside[inside["system"] == ALOWARE], people, moves.held.index, state)
    inside.loc[handover.owner.index, "person"] = handover.owner
    inside.loc[handover.foreign, "foreign"] = True
    held = moves.held.drop(handover.foreign.union(handover.retired), errors="ignore")
    inside = _join(inside, handover.retired)

    lost = inside["person"].isna()
    members = inside[~lost & ~among(inside.index, handover.retired)]
    members = members.assign(role=sharing.roles(members, state, policy))
    drift = contacts.drifted(members, people, held)
    collisions = [sharing.became_one(one, state), moves.collisions, sharing.shared(members, people["key"])]
    told = pd.concat([found["phone"] for found in collisions])
    known = _whole(members, whole)
    aside = pd.concat([inside.loc[handover.retired].assign(role=RETIRED), outside.assign(role=OUT_OF_SCOPE)])
    return Matching(
        records=_without_held(known, held),
        people=people,
        links=_links(members, aside[aside["person"].notna()], ended, one, state),
        collisions=pd.concat([*collisions, sharing.possible(members, told, policy)], ignore_index=True).astype("str"),
        quarantine=pd.concat(
            [
                quarantine.unplaced(inside[lost]),
                quarantine.unread(known, policy),
                quarantine.emptied(members, people, state, policy),
                quarantine.deleted(ended, state),
                contacts.reported(drift, members),
            ],
            ignore_index=True,
        ).astype("str"),
        absorbed=survivors([*pairs(state.absorbed["survivor"]), *pairs(one)]),
        drift=drift,
        turns=periods.turns(people, members, one, state, policy),
        strangers=_whole(pd.concat([inside[lost], outside]), whole),
    )


def _telling(policy: Policy, records: pd.DataFrame) -> list[str]:
    """The columns that say who is who. What else a record holds would only be carried along, again and again."""
    said = [name for name, field in policy.fields.items() if field.type == "phone" or name == "email"]
    columns = [*IDENTITY, *TIMES, "in_scope", *said, *(f"{name}_at" for name in said)]
    return [column for column in columns if column in records]


def _whole(rows: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    """All that those records hold, and what was found out about them."""
    held = records[among(records.index, rows.index)]  # a mask: to look rows up by their text is slow
    found = [str(column) for column in rows if column == "key" or column not in held]
    rows = rows if rows.index.equals(held.index) else rows.reindex(held.index)
    return held.assign(**{column: rows[column] for column in found})


def _united(records: pd.DataFrame, one: "pd.Series[str]") -> pd.DataFrame:
    """Records of absorbed people belong to their survivor, and join afresh."""
    changes = among(records["person"], one.index)
    return records.assign(
        person=replaced(records["person"], one), base_ref=records["base_ref"].mask(changes).astype("str")
    )


def _found(
    records: pd.DataFrame, people: pd.DataFrame, state: State, policy: Policy
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Everybody, and the records: unlinked ones with a number are the person's who holds it, or found a new one."""
    free = records[records["person"].isna()]
    key = sharing.next_numbers(free, records[records["person"].notna()], people["key"], policy)
    free = free.assign(key=key)[key.notna()]
    founders = free[~among(free["key"], people["key"])]
    rank = founders["system"].map({system: n for n, system in enumerate(SYSTEMS)})
    first = founders.assign(rank=rank).sort_values(["rank", "object", "record_id"]).drop_duplicates("key")
    new = first[["key"]].assign(born=first["system"], since=asks.typed_at(first["modified_at"]))
    new = new.set_axis(_unused(first.index, state.people.index)).rename_axis("person")
    people = pd.concat([people, new]).astype("str")
    holder = pd.Series(people.index, index=people["key"], dtype="str")
    records = records.copy()
    records.loc[free.index, "person"] = free["key"].map(holder)
    records.loc[free.index, "key"] = free["key"]
    return people, records


def _unused(refs: "pd.Index[str]", people: "pd.Index[str]") -> "pd.Index[str]":
    """New people are called by the record that founded them; another account's record may have had its reference."""
    while (taken := among(refs, people)).any():
        refs = refs.where(~taken, refs + "'")
    return refs


def _join(records: pd.DataFrame, retired: "pd.Index[str]") -> pd.DataFrame:
    """A record without a number joins the one person with its address, where that is unique on both sides."""
    nameless = records[records["person"].isna()]
    if "email" not in records or nameless.empty:
        return records
    known = records[records["person"].notna() & ~records["foreign"] & ~among(records.index, retired)]
    address = nameless["email"].where(nameless["email"].fillna("") != "")
    alone = ~address.groupby([nameless["system"], address]).transform("size").gt(1)
    holders = known[known["email"].fillna("") != ""].drop_duplicates(["email", "person"])
    unique = holders.drop_duplicates("email", keep=False).set_index("email")["person"]
    return records.assign(person=records["person"].fillna(address.where(alone).map(unique).astype("str")))


def _without_held(members: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """A number that its person may not have is nobody's word: it is neither spread nor written over."""
    members = members.copy()
    for name, cells in held.groupby("field"):
        members.loc[cells.index, str(name)] = pd.NA
    return members


def _links(
    members: pd.DataFrame, aside: pd.DataFrame, ended: "pd.Series[str]", one: "pd.Series[str]", state: State
) -> pd.DataFrame:
    """Crosswalk rows that differ from what the ledger has; those of absorbed people go to their survivor."""
    rows = pd.concat([members[list(LINKS)], aside[list(LINKS)]])
    rest = state.links[~among(state.links.index, rows.index)]
    buried = among(rest.index, ended.index) & (rest["role"] != RETIRED)
    rest = rest.assign(role=rest["role"].mask(buried, TOMBSTONE))
    rest = _given_way(rest.assign(person=replaced(rest["person"], one)), among(rest["person"], one.index), rows)
    rows = pd.concat([rows, rest[list(LINKS)]]).astype("str")
    before = state.links[["person", "role"]].reindex(rows.index)
    same = (rows["person"] == before["person"]) & (rows["role"] == before["role"])
    return rows[~same.fillna(False)].rename_axis("ref")


def _given_way(rest: pd.DataFrame, absorbed: Bools, rows: pd.DataFrame) -> pd.DataFrame:
    """Records out of sight (their system is paused, say) whose people turned out to be others: one that spoke in
    Aloware retires, one that spoke in a CRM is a shadow where its new person has a voice."""
    if not absorbed.any():
        return rest
    spoke = rest["role"].eq(REPRESENTATIVE)
    voices = pd.concat([rows[rows["role"] == REPRESENTATIVE], rest[spoke & ~absorbed], rest[spoke & absorbed]])
    spare = voices.index[voices.duplicated(["person", "system"])]
    role = rest["role"].mask(spoke & absorbed & among(rest.index, spare), SHADOW)
    return rest.assign(role=role.mask(spoke & absorbed & rest["system"].eq(ALOWARE), RETIRED))
