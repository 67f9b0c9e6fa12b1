"""What each side says of each field now, against its base: one frame a field, one row a person."""

from datetime import timedelta

import pandas as pd

from tasks.core.authority import field_is_open
from tasks.core.deciding import answered
from tasks.core.deciding.lineup import Lineup
from tasks.core.deciding.recency import edit_times
from tasks.core.deciding.settlements import accepted
from tasks.core.frames import column
from tasks.core.model import ALOWARE, CRMS, LINK, SYSTEMS, Schema
from tasks.core.policy import Field, Policy
from tasks.core.state import State


def diff(lineup: Lineup) -> dict[str, pd.DataFrame]:
    """Field → frame indexed by `person`, as `resolve.decide` reads it; a row for each of the people lined up.

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
    return {name: _field(name, lineup) for name in lineup.policy.fields}


def _field(name: str, lineup: Lineup) -> pd.DataFrame:
    state, policy = lineup.state, lineup.policy
    cells = pd.DataFrame(index=lineup.people)
    cells["golden"], cells["golden_from"] = column(lineup.golden, name), column(lineup.golden, f"{name}_from")
    for system, side in lineup.sides.items():
        cells["golden_from"] = cells["golden_from"].mask(cells["golden_from"].eq(system) & side.unseated, "")
        _add_side(cells, name, system, lineup)
    cells["inherited"], cells["rebased"] = False, False
    if policy.fields[name].type == LINK:  # only a record knows its address
        cells[f"{ALOWARE}_speaks"] = False
        answered.add(cells, name, policy.fields[name], state)
        return cells
    if policy.fields[name].type == "consent":  # to be said with or without authority
        cells["inherited"] = lineup.consented[name]
        answered.add(cells, name, policy.fields[name], state)
        return cells
    key = name in policy.phone_fields(ALOWARE, "contacts")
    if key:
        silent = (cells[list(SYSTEMS)].fillna("") == "").all(axis=1)  # only a shadow says the number
        cells["golden"] = cells["golden"].fillna(lineup.keys.where(silent))
    _add_aloware_authority(cells, name, lineup)
    cells["golden_from"] = _stands_with(cells, policy.fields[name])
    answered.add(cells, name, policy.fields[name], state, lineup.keys if key else None)
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


def _add_side(cells: pd.DataFrame, name: str, system: str, lineup: Lineup) -> None:
    side, state, field = lineup.sides[system], lineup.state, lineup.policy.fields[name]
    value, ref = side.rows[name].astype("str"), side.rows["ref"].astype("str")
    held = value.notna()
    base = column(side.bases, name).astype("str")
    schema = lineup.schemas.get(system, {})
    may = held & side.rows["object"].isin(_open_objects(name, system, state, lineup.policy, schema))
    settled = accepted(field, ref, value, lineup.settled.get(name))
    cells[system] = value
    cells[f"{system}_base"] = base.mask(side.foreign, value)
    cells[f"{system}_speaks"] = held & ~side.foreign
    cells[f"{system}_writable"] = may & (system not in state.paused)
    cells[f"{system}_paused"] = may & (system in state.paused)
    cells[f"{system}_ref"] = ref
    cells[f"{system}_settled"] = settled.mask(side.foreign, "")
    if field.rule == "recency":
        tolerance = timedelta(seconds=lineup.policy.recency.tolerance_seconds)
        cells[f"{system}_at"] = edit_times(side.rows, name, system, state.receipts, tolerance)


def _open_objects(name: str, system: str, state: State, policy: Policy, schema: Schema) -> list[str]:
    """Objects of a system whose property Tandem may update for this field, unless it is paused."""
    if system not in state.connected:
        return []
    if system != ALOWARE and not field_is_open(name, system, state, policy):
        return []
    mapped = {obj: policy.mapped(system, obj).get(name) for obj in policy.objects(system)}
    return [obj for obj, prop in mapped.items() if prop and (p := schema.get(obj, {}).get(prop)) and p.updateable]


def _add_aloware_authority(cells: pd.DataFrame, name: str, lineup: Lineup) -> None:
    """Aloware has authority where some CRM in which the person has a representative takes this field's edits, and over
    people of whom no CRM holds it.

    Authority gained since the last run is for later edits only: those cells join, and only fill a blank (design, 5).
    """
    state, policy = lineup.state, lineup.policy
    holding = [home for home in lineup.homes.columns.astype("str") if name in policy.mapped(*home.split(":"))]
    speaks = ~lineup.homes[holding].any(axis=1)
    spoke = speaks
    for crm in CRMS:
        mapping = [obj for obj in policy.objects(crm) if name in policy.mapped(crm, obj)]
        there = lineup.sides[crm].rows["object"].isin(mapping)
        speaks = speaks | (there & field_is_open(name, crm, state, policy))
        spoke = spoke | (there & field_is_open(name, crm, state, policy, without=state.rebasing))
    gained = speaks & ~spoke
    cells["rebased"] = gained & cells[f"{ALOWARE}_speaks"]
    cells[f"{ALOWARE}_speaks"] &= speaks & ~gained
    cells[f"{ALOWARE}_base"] = cells[f"{ALOWARE}_base"].mask(gained)
