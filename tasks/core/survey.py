"""How HubSpot's Lead Statuses and Aloware's dispositions stand to each other: the rows of `tandem statuses`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from tasks.core.model import Disposition, Status
from tasks.core.policy import Policy
from tasks.core.state import REPRESENTATIVE, State
from tasks.core.statuses import UNKNOWN, Aim, aims

MIRRORED, HIDDEN, REMOVED, NOT_HUBSPOTS = "mirrored", "hidden", "removed in HubSpot", "not one of HubSpot's"
TO_CREATE, TO_TAKE_OVER, TO_RENAME, TO_UPDATE = "to be created", "to be taken over", "to be renamed", "to be updated"
IN_TABLE, MISSING, RENAMED = "in the table", "missing in the table", "renamed: the table has its label"


@dataclass(frozen=True)
class Row:
    """One status with its disposition; whatever only one of the two systems has leaves the other's columns None."""

    position: int | None
    status: str | None
    label: str | None
    disposition: str | None
    name: str | None
    locked: bool | None
    hidden: bool | None
    state: str
    people: int = 0


def of_catalogue(
    statuses: Sequence[Status], dispositions: Sequence[Disposition], people: Mapping[str, int]
) -> list[Row]:
    """HubSpot's options in their order, then those it removed, then the dispositions that are Aloware's own."""
    found = aims(statuses, dispositions)
    options = {status.value: status for status in statuses}
    taken = {aim.present.id for aim in found}
    own = [d for d in sorted(dispositions, key=lambda d: d.position) if d.id not in taken]
    return [_row(aim, options.get(aim.wanted.value), people) for aim in found] + [
        Row(None, None, None, d.id, d.name, d.locked, d.hidden, NOT_HUBSPOTS, people.get(UNKNOWN + d.id, 0))
        for d in own
    ]


def _row(aim: Aim, option: Status | None, people: Mapping[str, int]) -> Row:
    here, value = aim.present, aim.wanted.value
    there = bool(here.id)
    return Row(
        position=option.position if option else None,
        status=value,
        label=option.label if option else None,
        disposition=here.id or None,
        name=here.name if there else None,
        locked=here.locked if there else None,
        hidden=here.hidden if there else None,
        state=_state(aim),
        people=people.get(value, 0),
    )


def _state(aim: Aim) -> str:
    if aim.removed:
        return REMOVED
    if not aim.present.id:
        return TO_CREATE
    if not aim.present.value:
        return TO_TAKE_OVER
    if aim.present.name != aim.wanted.name:
        return TO_RENAME
    if not aim.met:
        return TO_UPDATE
    return HIDDEN if aim.wanted.hidden else MIRRORED


def of_table(statuses: Sequence[Status], table: Mapping[str, str], people: Mapping[str, int]) -> list[Row]:
    """HubSpot's options in their order with the ids of the policy's table, then what only the table has."""
    by_label = {status.label.strip().casefold(): status.value for status in statuses if status.value not in table}
    options = {status.value: status for status in statuses}
    renamed = {by_label[key.casefold()]: key for key in table if key not in options and key.casefold() in by_label}
    rows = []
    for status in statuses:
        state = IN_TABLE if status.value in table else RENAMED if status.value in renamed else MISSING
        given, count = table.get(status.value), people.get(status.value, 0)
        rows.append(Row(status.position, status.value, status.label, given, None, None, status.hidden, state, count))
    gone = [(value, id_) for value, id_ in table.items() if value not in options and value not in renamed.values()]
    return rows + [Row(None, value, None, id_, None, None, None, REMOVED, people.get(value, 0)) for value, id_ in gone]


def people_on(state: State, policy: Policy) -> dict[str, int]:
    """Status → how many people the last run saw on it, in HubSpot or in Aloware."""
    name = policy.status_field
    if name is None or name not in state.bases:
        return {}
    speaking = state.links.loc[state.links["role"] == REPRESENTATIVE, "person"]
    held = pd.DataFrame({"status": state.bases[name], "person": speaking.reindex(state.bases.index)}).dropna()
    counted = held[held["status"] != ""].groupby("status")["person"].nunique()
    return {str(status): int(number) for status, number in counted.items()}
