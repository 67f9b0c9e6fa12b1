"""What each side says of each field now, against its base: one frame a field, one row a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import pandas as pd

from tasks.core.authority import crm_records, field_is_open, holders
from tasks.core.deciding import answered
from tasks.core.deciding.consent import YES
from tasks.core.deciding.recency import edit_times
from tasks.core.deciding.settlements import accepted, known, standing
from tasks.core.frames import Bools, among, column
from tasks.core.matching import Matching
from tasks.core.model import ALOWARE, CRMS, LINK, SYSTEMS, Schema
from tasks.core.policy import Field, Policy
from tasks.core.state import REPRESENTATIVE, SHADOW, State


def representatives(matching: Matching, system: str) -> pd.DataFrame:
    """The records of one system that speak, indexed by `person`, with their reference in `ref`."""
    records = matching.records
    speaking = records[(records["system"] == system) & (records["role"] == REPRESENTATIVE)]
    return speaking.rename_axis("ref").reset_index().set_index("person").sort_index()


def diff(
    matching: Matching, state: State, policy: Policy, schemas: Mapping[str, Schema], people: "pd.Index[str]"
) -> dict[str, pd.DataFrame]:
    """Field → frame indexed by `person`, as `resolve.decide` reads it; a row for each of `people`.

    `golden`, `golden_from`: what was decided, and whom it stands with (missing: never decided; "": a record that gave
    way to another, so nobody); then for each system s
    s               canonical value now; "" blank, missing when s doesn't hold the field for this person
    s_base          what a decision last took into account; missing: the side joins
    s_speaks        bool: it has authority over this field of this person
    s_writable      bool: Tandem may write it now
    s_paused        bool: it could, but for the pause of its system
    s_settled       the golden for which the present value is known and accepted; missing: none is; "": it never flows
                    (a vendor's default, or what a contact still says of somebody it belonged to)
    s_ref           the record's reference
    s_at            when it was typed, under `recency`; missing: nobody knows
    and `inherited` (bool: somebody who became this person had consented), `rebased` (bool: Aloware gained its authority
    with this run), `decided` and `overtaken` (see `answered.add`).
    """
    sides = {system: _side(system, people, matching, state, policy) for system in SYSTEMS}
    links = pd.concat([matching.links, state.links[~among(state.links.index, matching.links.index)]])
    golden, settled = state.golden.reindex(people), standing(known(matching, state))
    run = _Run(sides, crm_records(matching.records, links), golden, settled, state, policy, schemas)
    return {name: _field(name, matching, run) for name in policy.fields}


@dataclass(frozen=True)
class _Side:
    """The records of one system that speak, and what holds for all of their fields; a row a person everywhere."""

    rows: pd.DataFrame  # as `representatives` gives them; missing for people who aren't there
    bases: pd.DataFrame  # what a decision last took into account of them
    foreign: "pd.Series[bool]"  # a contact that changed hands
    unseated: Bools  # who spoke here gave way to another record


@dataclass(frozen=True)
class _Run:
    """What holds for all fields."""

    sides: Mapping[str, _Side]
    crm_records: pd.DataFrame
    golden: pd.DataFrame
    settled: Mapping[str, pd.DataFrame]
    state: State
    policy: Policy
    schemas: Mapping[str, Schema]


def _side(system: str, people: "pd.Index[str]", matching: Matching, state: State, policy: Policy) -> _Side:
    rows = representatives(matching, system).reindex(people)
    shadows = state.links.index[state.links["role"] == SHADOW]  # who spoke long ago and speaks again joins
    base_ref = rows["base_ref"].mask(among(rows["base_ref"], shadows))  # missing: the side joins
    return _Side(
        rows=rows,
        bases=state.bases.reindex(base_ref).set_axis(people),
        foreign=rows["foreign"].eq(True),
        unseated=among(people, _unseated(system, matching, state, policy)),
    )


def _field(name: str, matching: Matching, run: _Run) -> pd.DataFrame:
    state, policy = run.state, run.policy
    cells = pd.DataFrame(index=run.golden.index)
    cells["golden"], cells["golden_from"] = column(run.golden, name), column(run.golden, f"{name}_from")
    for system, side in run.sides.items():
        cells["golden_from"] = cells["golden_from"].mask(cells["golden_from"].eq(system) & side.unseated, "")
        _add_side(cells, name, system, run)
    cells["inherited"], cells["rebased"] = False, False
    if policy.fields[name].type == LINK:  # only a record knows its address
        cells[f"{ALOWARE}_speaks"] = False
        answered.add(cells, name, policy.fields[name], state)
        return cells
    if policy.fields[name].type == "consent":  # to be said with or without authority
        consented = matching.absorbed[column(state.golden, name).reindex(matching.absorbed.index).eq(YES)]
        cells["inherited"] = among(cells.index, consented)
        answered.add(cells, name, policy.fields[name], state)
        return cells
    key = name in policy.phone_fields(ALOWARE, "contacts")
    if key:
        silent = (cells[list(SYSTEMS)].fillna("") == "").all(axis=1)  # only a shadow says the number
        cells["golden"] = cells["golden"].fillna(matching.people["key"].where(silent))
    _add_aloware_authority(cells, name, run)
    cells["golden_from"] = _stands_with(cells, policy.fields[name])
    answered.add(cells, name, policy.fields[name], state, matching.people["key"] if key else None)
    return cells


def _stands_with(cells: pd.DataFrame, field: Field) -> "pd.Series[str]":
    """Under `priority` golden stands with the highest side that gave it or, since, took it over: a system connected
    later doesn't beat what an agent wrote into one that ranks above it."""
    stands = cells["golden_from"]
    if field.rule != "priority":
        return stands
    rank = {system: n for n, system in enumerate(dict.fromkeys([*field.order, *SYSTEMS]))}
    gave = stands.map(rank)
    for system in reversed(rank):
        held = cells[system].eq(cells["golden"]) & cells[f"{system}_base"].eq(cells["golden"])
        stands = stands.mask(held & cells[f"{system}_speaks"] & (gave > rank[system]), system)
    return stands


def _unseated(system: str, matching: Matching, state: State, policy: Policy) -> "pd.Series[str]":
    """People whose representative there, still alive, gave way to another record: by priority, or its module is off."""
    links = state.links[(state.links["system"] == system) & (state.links["role"] == REPRESENTATIVE)]
    here = matching.records[matching.records["system"] == system]
    shadows, spoken_for = here.index[here["role"] == SHADOW], here.loc[here["role"] == REPRESENTATIVE, "person"]
    off = ~links["object"].isin(policy.objects(system)) & among(links["person"], spoken_for)
    return links.loc[among(links.index, shadows) | off, "person"]


def _add_side(cells: pd.DataFrame, name: str, system: str, run: _Run) -> None:
    side, state, field = run.sides[system], run.state, run.policy.fields[name]
    value, ref = side.rows[name].astype("str"), side.rows["ref"].astype("str")
    held = value.notna()
    base = column(side.bases, name).astype("str")
    schema = run.schemas.get(system, {})
    may = held & side.rows["object"].isin(_open_objects(name, system, state, run.policy, schema))
    settled = accepted(field, ref, value, run.settled.get(name))
    cells[system] = value
    cells[f"{system}_base"] = base.mask(side.foreign, value)
    cells[f"{system}_speaks"] = held & ~side.foreign
    cells[f"{system}_writable"] = may & (system not in state.paused)
    cells[f"{system}_paused"] = may & (system in state.paused)
    cells[f"{system}_ref"] = ref
    cells[f"{system}_settled"] = settled.mask(side.foreign, "")
    if field.rule == "recency":
        tolerance = timedelta(seconds=run.policy.recency.tolerance_seconds)
        cells[f"{system}_at"] = edit_times(side.rows, name, system, state.receipts, tolerance)


def _open_objects(name: str, system: str, state: State, policy: Policy, schema: Schema) -> list[str]:
    """Objects of a system whose property Tandem may update for this field, unless it is paused."""
    if system not in state.connected:
        return []
    if system != ALOWARE and not field_is_open(name, system, state, policy):
        return []
    mapped = {obj: policy.mapped(system, obj).get(name) for obj in policy.objects(system)}
    return [obj for obj, prop in mapped.items() if prop and (p := schema.get(obj, {}).get(prop)) and p.updateable]


def _add_aloware_authority(cells: pd.DataFrame, name: str, run: _Run) -> None:
    """Aloware has authority where some CRM in which the person has a representative takes this field's edits, and over
    people of whom no CRM holds it.

    Authority gained since the last run is for later edits only: those cells join, and only fill a blank (design, 5).
    """
    state, policy = run.state, run.policy
    speaks = pd.Series(~among(cells.index, holders(name, run.crm_records, policy)), index=cells.index)
    spoke = speaks
    for crm in CRMS:
        mapping = [obj for obj in policy.objects(crm) if name in policy.mapped(crm, obj)]
        there = run.sides[crm].rows["object"].isin(mapping)
        speaks = speaks | (there & field_is_open(name, crm, state, policy))
        spoke = spoke | (there & field_is_open(name, crm, state, policy, without=state.rebasing))
    gained = speaks & ~spoke
    cells["rebased"] = gained & cells[f"{ALOWARE}_speaks"]
    cells[f"{ALOWARE}_speaks"] &= speaks & ~gained
    cells[f"{ALOWARE}_base"] = cells[f"{ALOWARE}_base"].mask(gained)
