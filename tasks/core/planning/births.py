"""Records that ought to exist: who is missing in Aloware, and who was born in Aloware and may be created in a CRM."""

from collections.abc import Mapping

import pandas as pd

from tasks.core.authority import is_open
from tasks.core.frames import among
from tasks.core.matching import Matching
from tasks.core.model import ALOWARE, CRMS, SALESFORCE, Schema
from tasks.core.policy import Policy
from tasks.core.state import LINKS, OUT_OF_SCOPE, REPRESENTATIVE, TOMBSTONE, State, unborn

COLUMNS = (
    "system", "object", "person", "kind", "phone", "rule", "field", "property", "value", "after", "sources", "initial",
)  # fmt: skip


def creates(
    matching: Matching,
    decisions: Mapping[str, pd.DataFrame],
    state: State,
    policy: Policy,
    schemas: Mapping[str, Schema],
) -> pd.DataFrame:
    """One row a property of a record to create; columns COLUMNS plus `record_id` and `before`, both missing.

    `value` is canonical, `after` what to send: they differ where a value is invented for a required property.
    """
    speaking = _speaking(matching)
    found = [
        _rows(people, system, matching, decisions, speaking, policy, schemas)
        for system, people in due(matching, state, policy).items()
        if len(people)
    ]
    if not found:
        return pd.DataFrame(columns=[*COLUMNS, "record_id", "before"], dtype="str")
    rows = pd.concat(found, ignore_index=True)
    rows = rows[~_parked(rows, state)]
    return rows.reindex(columns=[*COLUMNS, "record_id", "before"]).astype("str")


def due(matching: Matching, state: State, policy: Policy) -> dict[str, pd.Index]:
    """System → the people who ought to have a record there."""
    speaking = _speaking(matching)
    owed = {crm: _owed_to_crm(crm, speaking, matching, state, policy) for crm in CRMS}
    return {ALOWARE: _missing_in_aloware(speaking, matching, state), **owed}


def _speaking(matching: Matching) -> pd.DataFrame:
    return matching.records.loc[matching.records["role"] == REPRESENTATIVE, ["system", "person"]]


def _parked(rows: pd.DataFrame, state: State) -> "pd.Series[bool]":
    """Creates that their system refused for good when every value was what it is now."""
    settled = state.settled.drop_duplicates(["ref", "field"], keep="last").set_index(["ref", "field"])["golden"]
    refs = unborn(rows)
    known = settled.reindex(pd.MultiIndex.from_arrays([refs, rows["field"]])).set_axis(rows.index)
    return known.eq(rows["value"]).fillna(False).groupby(refs).transform("all")


def _without(system: str, speaking: pd.DataFrame, matching: Matching, state: State) -> pd.Index:
    """People who have no record in `system`, in scope or not, and were never deleted there; none while it can't be
    written.
    """
    if system in state.paused or system not in state.connected:
        return matching.people.index[:0]
    here = speaking.loc[speaking["system"] == system, "person"]
    links = pd.concat([state.links[list(LINKS)], matching.links[list(LINKS)]], ignore_index=True)
    known = links.loc[(links["system"] == system) & links["role"].isin([TOMBSTONE, OUT_OF_SCOPE]), "person"]
    people = matching.people.index
    return people[~among(people, here) & ~among(people, known)].sort_values()


def _missing_in_aloware(speaking: pd.DataFrame, matching: Matching, state: State) -> pd.Index:
    """Those whom a CRM knows and Aloware doesn't. A number that any contact carries, even by drift, is taken."""
    people = _without(ALOWARE, speaking, matching, state)
    taken = matching.records.loc[matching.records["system"] == ALOWARE, "key"]
    people = people[~among(matching.people["key"].reindex(people), taken)]
    return people[among(people, speaking.loc[speaking["system"].isin(CRMS), "person"])]


def _owed_to_crm(crm: str, speaking: pd.DataFrame, matching: Matching, state: State, policy: Policy) -> pd.Index:
    """Those born in Aloware (no CRM link, ever, or a run that began to create theirs and wasn't finished or was refused
    here while another CRM took it), and those of the CRMs that `create_from` names.
    """
    if not is_open(f"{crm}.create", state):
        return matching.people.index[:0]
    people = _without(crm, speaking, matching, state)
    known = [state.links[["system", "person"]], matching.records[["system", "person"]]]
    links = pd.concat(known, ignore_index=True)
    ever_in_crm = among(people, links.loc[links["system"].isin(CRMS), "person"]) | among(people, state.once_in_crm)
    widened = speaking.loc[speaking["system"].isin(policy.people.create_from), "person"]
    in_aloware = speaking.loc[speaking["system"] == ALOWARE, "person"]
    begun = among(matching.people.reindex(people)["key"], [phone for system, phone in state.owed if system == crm])
    refused = state.settled["ref"].str.extract(rf"^{crm}:[^:]+:\+(.+)$", expand=False)  # as `unborn` writes it
    due = ~ever_in_crm | begun | among(people, refused)
    return people[(due & among(people, in_aloware)) | among(people, widened)]


def _rows(
    people: pd.Index,
    system: str,
    matching: Matching,
    decisions: Mapping[str, pd.DataFrame],
    speaking: pd.DataFrame,
    policy: Policy,
    schemas: Mapping[str, Schema],
) -> pd.DataFrame:
    object_name = policy.objects(system)[0]
    schema = schemas.get(system, {}).get(object_name, {})
    numbers = matching.people["key"].reindex(people)
    theirs = speaking[among(speaking["person"], people)]
    sources = theirs.rename_axis("ref").reset_index().sort_values("ref").groupby("person")["ref"].agg(" ".join)
    found = []
    for name, prop in policy.mapped(system, object_name).items():
        if prop in schema and not schema[prop].createable:
            continue  # a source, never a target: the name of a Contact's Account, say
        value = decisions[name]["golden"].reindex(people)
        if policy.fields[name].type == "phone":
            value = _phone(value, numbers, name, policy.phone_fields(system, object_name))
        value = value.fillna("")
        after = value
        if (known := schema.get(prop)) is not None and known.required and system == SALESFORCE:
            after = value.mask(value == "", policy.salesforce.synthetic.get(name, ""))  # the value stays a blank
        columns = {
            "person": people,
            "field": name,
            "property": prop,
            "value": value.to_numpy(),
            "after": after.to_numpy(),
        }
        frame = pd.DataFrame(columns, dtype="str")
        found.append(frame[frame["after"] != ""])
    rows = pd.concat(found, ignore_index=True)
    rows["phone"] = rows["person"].map(numbers)
    rows["sources"] = rows["person"].map(sources)
    return rows.assign(system=system, object=object_name, kind="create", rule="create", initial="yes")


def _phone(golden: "pd.Series[str]", key: "pd.Series[str]", name: str, ordered: list[str]) -> "pd.Series[str]":
    """A new record's first phone field is the person's number, so that it is found again; another never repeats it."""
    return key if name == ordered[0] else golden.where(golden != key)
