"""What each side says of each field now, against its base: one frame a field, one row a person."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from tasks.core.authority import field_is_open, is_open, known_to_crms
from tasks.core.match import Matching
from tasks.core.model import ALOWARE, CRMS, SYSTEMS, Schema
from tasks.core.policy import Policy
from tasks.core.state import NOT_CLEARED, NOT_WRITABLE, REPRESENTATIVE, SHADOW, State

Bools = np.ndarray[Any, np.dtype[np.bool_]]


def representatives(matching: Matching, system: str) -> pd.DataFrame:
    """The records of one system that speak, indexed by `person`, with their reference in `ref`."""
    records = matching.records
    speaking = records[(records["system"] == system) & (records["role"] == REPRESENTATIVE)]
    return speaking.rename_axis("ref").reset_index().set_index("person").sort_index()


def diff(matching: Matching, state: State, policy: Policy, schemas: Mapping[str, Schema]) -> dict[str, pd.DataFrame]:
    """Field → frame indexed by `person`, as `resolve.decide` reads it.

    `golden`, `golden_from`: what was decided, and whom it stands with (missing: never decided; "": a record that gave
    way to one with priority, so nobody); then for each system s
    s               canonical value now; "" blank, missing when s doesn't hold the field for this person
    s_base          what a decision last took into account; missing: the side joins
    s_speaks        bool: it has authority over this field of this person
    s_writable      bool: Tandem may write it now
    s_settled       the golden for which the present value is known and accepted; missing: none is; "": it never flows
                    (a vendor's default, or what a contact still says of somebody it belonged to)
    s_ref           the record's reference
    """
    sides = {system: representatives(matching, system) for system in SYSTEMS}
    return {name: _field(name, sides, matching, state, policy, schemas) for name in policy.fields}


def _field(
    name: str,
    sides: Mapping[str, pd.DataFrame],
    matching: Matching,
    state: State,
    policy: Policy,
    schemas: Mapping[str, Schema],
) -> pd.DataFrame:
    people = matching.people.index.sort_values()
    cells = pd.DataFrame(index=people)
    cells["golden"] = _column(state.golden, name).reindex(people)
    cells["golden_from"] = _column(state.golden, f"{name}_from").reindex(people)
    for system, side in sides.items():
        unseated = cells.index.isin(_unseated(system, matching, state))
        cells["golden_from"] = cells["golden_from"].mask(cells["golden_from"].eq(system) & unseated, "")
        _add_side(cells, name, system, side, state, policy, schemas.get(system, {}))
    alone = ~cells.index.isin(list(known_to_crms(matching.records, state)))
    _add_aloware_authority(cells, name, alone, state, policy)
    return cells


def _column(frame: pd.DataFrame, name: str) -> "pd.Series[str]":
    """A column that the ledger may not have yet: a field mapped since its last run."""
    return frame[name] if name in frame else pd.Series(pd.NA, index=frame.index, dtype="str")


def _unseated(system: str, matching: Matching, state: State) -> "pd.Series[str]":
    """People whose representative there, still alive, gave way to a record with priority: a Lead to a Contact."""
    links = state.links[(state.links["system"] == system) & (state.links["role"] == REPRESENTATIVE)]
    shadows = matching.records.index[matching.records["role"] == SHADOW]
    return links.loc[links.index.isin(shadows), "person"]


def _add_side(
    cells: pd.DataFrame, name: str, system: str, side: pd.DataFrame, state: State, policy: Policy, schema: Schema
) -> None:
    value = side[name].reindex(cells.index).astype("str")
    held = value.notna()
    ref = side["ref"].reindex(cells.index).astype("str")
    base_ref = side["base_ref"].reindex(cells.index)
    base = pd.Series(_column(state.bases, name).reindex(base_ref).to_numpy(), index=cells.index, dtype="str")
    foreign = side["foreign"].reindex(cells.index).eq(True)
    cells[system] = value
    cells[f"{system}_base"] = base.mask(foreign, value)
    cells[f"{system}_speaks"] = held & ~foreign
    cells[f"{system}_writable"] = held & side["object"].reindex(cells.index).isin(
        _writable_objects(name, system, state, policy, schema)
    )
    cells[f"{system}_settled"] = _settled(name, ref, value, state).mask(foreign, "")
    cells[f"{system}_ref"] = ref


def _writable_objects(name: str, system: str, state: State, policy: Policy, schema: Schema) -> list[str]:
    """Objects of a system whose property Tandem may update for this field."""
    if system in state.paused or system not in state.connected:
        return []
    if system != ALOWARE and not field_is_open(name, system, state, policy):
        return []
    mapped = {obj: policy.mapped(system, obj).get(name) for obj in policy.objects(system)}
    return [obj for obj, prop in mapped.items() if prop and (p := schema.get(obj, {}).get(prop)) and p.updateable]


def _settled(name: str, ref: "pd.Series[str]", value: "pd.Series[str]", state: State) -> "pd.Series[str]":
    """The golden for which a side's present value is settled: a settlement ends when that value moves.

    What couldn't be written or cleared is judged anew each time: an opened scope or another policy ends that.
    """
    circumstance = state.settled["reason"].isin([NOT_WRITABLE, NOT_CLEARED])
    rows = state.settled[(state.settled["field"] == name) & ~circumstance].set_index("ref")
    rows = rows[~rows.index.duplicated(keep="last")]
    accepted = pd.Series(rows["golden"].reindex(ref).to_numpy(), index=ref.index, dtype="str")
    at_value = pd.Series(rows["value"].reindex(ref).to_numpy(), index=ref.index, dtype="str")
    return accepted.where(at_value == value)


def _add_aloware_authority(cells: pd.DataFrame, name: str, alone: Bools, state: State, policy: Policy) -> None:
    """Aloware has authority where some CRM in which the person has a representative takes this field's edits, and over
    people whom no CRM knows (`alone`).

    Authority gained since the last run is for later edits only: those cells join, and only fill a blank (design, 5).
    """
    speaks, spoke = pd.Series(alone, index=cells.index), pd.Series(alone, index=cells.index)
    for crm in CRMS:
        if policy.fields[name].direction == "two-way" and is_open(policy.scope(name, crm), state):
            speaks |= cells[crm].notna()
        if field_is_open(name, crm, state, policy, without=state.rebasing):
            spoke |= cells[crm].notna()
    gained = speaks & ~spoke
    cells[f"{ALOWARE}_speaks"] &= speaks & ~gained
    cells[f"{ALOWARE}_base"] = cells[f"{ALOWARE}_base"].mask(gained)
