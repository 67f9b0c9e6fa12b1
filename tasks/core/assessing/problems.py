"""Records that somebody should look at before a first run, one row each, with whose they are."""

import json
from collections.abc import Iterator, Mapping

import pandas as pd

from tasks.core.assessing.inventory import unreadable
from tasks.core.canonical import unreadable as wrong_with
from tasks.core.model import ALOWARE, Snapshot
from tasks.core.planning.sight import Thought
from tasks.core.state import REPRESENTATIVE

INVALID, LEFT_OUT, UNREADABLE = "invalid-numbers", "left-out", "unreadable-values"
DUPLICATES, SHARED, BOTH = "duplicates", "shared-numbers", "lead-and-contact"
POSSIBLE, TAKEN, CONFLICTS, REFUSED = "possible-duplicates", "taken-emails", "conflicts", "would-fail"
KINDS = (INVALID, LEFT_OUT, UNREADABLE, DUPLICATES, SHARED, BOTH, POSSIBLE, TAKEN, CONFLICTS, REFUSED)
OF_COLLISION = {"shared-number": SHARED, "lead-and-contact": BOTH, "possible": POSSIBLE, "email-taken": TAKEN}

NAMES = ("first_name", "last_name")
PLACE = ("system", "object", "record_id")
FACTS = ("owner", *NAMES, "phone", "email")
TOLD = ("field", "value", "group", "detail")
PROBLEMS = ("problem", *PLACE, *FACTS, *TOLD)


def problems(thought: Thought, owners: Mapping[str, str]) -> pd.DataFrame:
    """Columns PROBLEMS, all `str`, "" where there is nothing to say; values whole, as their system gives them.

    `owners` names each CRM's property with the owner of a record: its user's e-mail, or id if he isn't active. A record
    without one is told with the owner of its person's record in a CRM. Rows of one `group` belong together.
    """
    found = [pd.DataFrame(columns=["problem", "ref", *PLACE, *TOLD], dtype="str"), *_found(thought)]
    rows = pd.concat(found, ignore_index=True)
    places = thought.seen.records.reindex(rows["ref"])
    for name in PLACE:
        rows[name] = rows[name].fillna(pd.Series(places[name].to_numpy(), index=rows.index))
    facts = _facts(thought, owners).reindex(rows["ref"])
    for name in FACTS:
        rows[name] = facts[name].to_numpy()
    return rows.reindex(columns=list(PROBLEMS)).fillna("").astype("str")


def _found(thought: Thought) -> Iterator[pd.DataFrame]:
    yield _invalid_numbers(thought)
    yield _quarantined(thought)
    yield _collisions(thought)
    yield _conflicts(thought)
    yield _refused(thought)


def _invalid_numbers(thought: Thought) -> pd.DataFrame:
    records = thought.seen.records
    records = records[records["in_scope"]]
    found = [pd.DataFrame(columns=["ref", "field", "value"], dtype="str")]
    for name, bad in unreadable(records, thought.evidence.policy).items():
        raw = records.loc[bad, f"{name}_raw"]
        found.append(pd.DataFrame({"ref": raw.index, "field": name, "value": raw.to_numpy()}, dtype="str"))
    return pd.concat(found, ignore_index=True).assign(problem=INVALID, detail=wrong_with("phone"))


def _quarantined(thought: Thought) -> pd.DataFrame:
    """What the plan leaves aside, but for cells with invalid numbers, which are told already."""
    rows, policy = thought.proposal.quarantine, thought.evidence.policy
    refs = rows["system"] + ":" + rows["object"] + ":" + rows["record_id"]
    phones = [f"{name} {wrong_with('phone')}" for name, field in policy.fields.items() if field.type == "phone"]
    lost = refs.isin(thought.seen.people.strangers.index)
    problem = pd.Series(lost.map({True: LEFT_OUT, False: UNREADABLE}), dtype="str")
    told = pd.DataFrame({"ref": refs, "problem": problem, "detail": rows["reason"]}, dtype="str")
    return told[~rows["reason"].isin(phones)]


def _collisions(thought: Thought) -> pd.DataFrame:
    """A row a record that claims what another one claims too."""
    rows = thought.proposal.collisions
    rows = rows[rows["kind"].isin(list(OF_COLLISION))].reset_index(drop=True)
    told = rows.assign(ref=rows["records"].map(json.loads)).explode("ref")
    speaks = told["ref"] == told["chosen"]
    addresses = thought.seen.records.reindex(columns=["email"])["email"].reindex(told["ref"]).set_axis(told.index)
    told = told.assign(
        problem=told["kind"].map(OF_COLLISION),
        group=addresses.where(told["kind"] == "email-taken").fillna(told["phone"]),
        detail=speaks.map({True: "speaks for this number", False: ""}),
    )
    return _by_likeness(told, thought.seen.records)[["ref", "problem", "group", "detail"]].astype("str")


def _by_likeness(told: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    """Records of one object with one number are duplicates where they have one name, or one e-mail, between them;
    otherwise several people share it."""
    facts = records.reindex(columns=[*NAMES, "email"]).reindex(told["ref"]).set_axis(range(len(told)))
    name = (facts[NAMES[0]].fillna("") + " " + facts[NAMES[1]].fillna("")).str.strip().str.casefold()
    group = pd.Series(told.index, index=range(len(told)))
    alike = pd.Series(False, index=group.index)
    for said in (name, facts["email"]):
        alike |= said.mask(said == "").groupby(group).transform("nunique") == 1
    duplicates = told["problem"].eq(SHARED).to_numpy() & alike.to_numpy()
    return told.assign(problem=told["problem"].mask(duplicates, DUPLICATES))


def _conflicts(thought: Thought) -> pd.DataFrame:
    """A row a side."""
    rows = [
        {
            "problem": CONFLICTS,
            "ref": thought.seen.cells[field].at[person, f"{system}_ref"],
            "field": field,
            "value": value,
            "group": id_,
            "detail": "nobody wins: it waits for a person" if pd.isna(winner) else f"{winner} wins by {rule}",
        }
        for id_, person, field, sides, winner, rule in thought.proposal.conflicts.itertuples(index=False)
        for system, value in json.loads(sides).items()
    ]
    return pd.DataFrame(rows, dtype="str")


def _refused(thought: Thought) -> pd.DataFrame:
    """What would fail. A record that isn't there yet is told by the one that speaks for its person."""
    rows = thought.proposal.refused
    ref = rows["system"] + ":" + rows["object"] + ":" + rows["record_id"]
    told = rows[list(PLACE)].assign(
        problem=REFUSED,
        ref=ref.fillna(rows["person"].map(_speakers(thought))),
        field=rows["field"],
        value=rows["after"],
        detail=rows["reason"],
    )
    return told.assign(record_id=rows["record_id"].fillna("")).astype("str")


def _speakers(thought: Thought) -> "pd.Series[str]":
    """Person → the record that speaks for them in the first system that has one; records are in that order."""
    records = thought.seen.people.records
    speaking = records[(records["role"] == REPRESENTATIVE) & (records["system"] != ALOWARE)]
    speaking = pd.concat([speaking.sort_values("system", ascending=False), records]).rename_axis("ref").reset_index()
    return speaking.drop_duplicates("person").set_index("person")["ref"].astype("str")


def _facts(thought: Thought, owners: Mapping[str, str]) -> pd.DataFrame:
    """Reference → whose record it is, and what it says of its person."""
    records, policy = thought.seen.records, thought.evidence.policy
    owner = pd.concat([pd.Series(dtype="str"), *_owned(thought.evidence.snapshots, owners)]).reindex(records.index)
    person = thought.seen.people.records["person"].reindex(records.index)
    speaker = person.map(_speakers(thought))
    phones = [f"{name}_raw" for name, field in policy.fields.items() if field.type == "phone"]
    raw = records.reindex(columns=[*(f"{name}_raw" for name in (*NAMES, "email")), *phones])
    raw = raw.mask(raw == "")
    return pd.DataFrame(
        {
            "owner": owner.fillna(speaker.map(owner)),
            **{name: raw[f"{name}_raw"] for name in (*NAMES, "email")},
            "phone": raw[phones].bfill(axis=1).iloc[:, 0],
        }
    ).astype("str")


def _owned(snapshots: Mapping[str, Snapshot], owners: Mapping[str, str]) -> Iterator["pd.Series[str]"]:
    """Reference → owner, of the objects that say so."""
    for system, snapshot in snapshots.items():
        for name, frame in snapshot.frames.items():
            if (owner := owners.get(system)) in frame:
                ids = frame[owner].set_axis(f"{system}:{name}:" + frame["record_id"])
                told = ids.map(snapshot.users).fillna(ids)
                yield told[~told.index.duplicated(keep="last")].mask(told == "").astype("str")
