"""HubSpot's Lead Statuses and Aloware's dispositions: what must be mirrored, and which id stands for which status.

The list is HubSpot's. A status is known by its internal value, whatever its label says today; a disposition that
mirrors one carries that value. An option that HubSpot removed may still have people on it: its disposition is hidden,
so that no agent picks it anew, and goes on meaning what it meant until the option comes back.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from tasks.core.model import ALOWARE, HUBSPOT, Disposition, Schema, Status
from tasks.core.plan import Finding
from tasks.core.policy import Policy
from tasks.core.state import State

UNMADE = "new:"  # before a status: the disposition that a plan foresees and that has no id yet
UNKNOWN = "?"  # before an id: what a contact's disposition is called while it stands for no status


@dataclass(frozen=True)
class Mirrored:
    """Disposition id → HubSpot's internal value, and what a person should be told about the list."""

    ids: Mapping[str, str]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Aim:
    """A disposition as it is (empty id: it isn't there) and as it should be."""

    present: Disposition
    wanted: Disposition
    removed: bool = False  # HubSpot has no such option any more

    @property
    def met(self) -> bool:
        return self.present == self.wanted


def aims(statuses: Sequence[Status], dispositions: Sequence[Disposition]) -> list[Aim]:
    """What each mirrored disposition should be: HubSpot's list, locked, in its order; then what it has removed.

    A status takes over the disposition that mirrors it already, else the native one of its label whatever the case.
    """
    mirrored = {d.value: d for d in dispositions if d.value}
    natives = {d.name.casefold(): d for d in reversed(dispositions) if not d.value}
    names = _names(statuses)
    found = []
    for status in statuses:
        name = names[status.value]
        namesake = status.label.strip().casefold()
        present = mirrored.pop(status.value, None) or natives.pop(namesake, None) or Disposition("", name)
        wanted = Disposition(present.id, name, status.value, True, status.position, status.hidden)
        found.append(Aim(present, wanted))
    taken = {name.casefold() for name in names.values()}
    for left in mirrored.values():
        name = _told_apart(left.name, left.value) if left.name.casefold() in taken else left.name
        found.append(Aim(left, replace(left, name=name, locked=True, hidden=True), removed=True))
    return found


def _names(statuses: Sequence[Status]) -> dict[str, str]:
    """Status → the name that agents see: its label, with the internal value where labels differ by case at most."""
    labels = Counter(status.label.strip().casefold() for status in statuses)
    return {
        s.value: label if labels[label.casefold()] == 1 else _told_apart(label, s.value)
        for s in statuses
        for label in [s.label.strip()]
    }


def _told_apart(name: str, value: str) -> str:
    return f"{name} ({value})"


def mirror(statuses: Sequence[Status], dispositions: Sequence[Disposition]) -> list[Disposition]:
    """The dispositions to save (empty id: to create), in an order in which no two ever have one name.

    HubSpot without any option mirrors nothing: the catalogue stays as it is.
    """
    pending = [aim for aim in aims(statuses, dispositions) if not aim.met] if statuses else []
    saves: list[Disposition] = []
    while pending:
        free = [aim for aim in pending if _in_the_way(aim, pending) is None]
        saves += [aim.wanted for aim in free]
        pending = [aim for aim in pending if aim not in free]
        if not free and (other := _in_the_way(pending[0], pending)):  # names go round: one steps aside for a moment
            aside = replace(other.present, name=_told_apart(other.wanted.name, other.wanted.value))
            saves.append(aside)
            pending[pending.index(other)] = replace(other, present=aside)
    return saves


def _in_the_way(aim: Aim, pending: Sequence[Aim]) -> Aim | None:
    """Another mirrored disposition that still has the name which this one is to get."""
    name = aim.wanted.name.casefold()
    others = (other for other in pending if other is not aim and other.present.value)
    return next((other for other in others if other.present.name.casefold() == name), None)


def foreseen(dispositions: Sequence[Disposition], saves: Sequence[Disposition]) -> Mirrored:
    """What a run would find after those saves, for a plan that may not make them."""
    known = {d.id: d for d in dispositions} | {d.id or UNMADE + d.value: d for d in saves}
    ids = {id_: d.value for id_, d in known.items() if d.value}
    unsaved = len({disposition.value for disposition in saves})
    said = "dispositions mirror HubSpot's statuses: applying brings these up to date first, see `tandem statuses`"
    return Mirrored(ids, (Finding(ALOWARE, said, "info", unsaved),) if saves else ())


def unlisted(statuses: Sequence[Status] | None) -> tuple[Finding, ...]:
    """What is wrong with a Lead Status that has no options at all; None: nobody asked HubSpot."""
    if statuses is None or statuses:
        return ()
    return (Finding(HUBSPOT, "Lead Status has options: without any, nothing is mirrored", "warning", 0),)


def from_table(table: Mapping[str, str], statuses: Sequence[Status] | None) -> Mirrored:
    """The policy's table (status → id) where no catalogue can be read, checked against HubSpot's options.

    A status that HubSpot has removed keeps its id: people may still be on it.
    """
    ids = {id_: status for status, id_ in table.items()}
    if not statuses:
        return Mirrored(ids, unlisted(statuses))
    known = {status.value for status in statuses}
    missing = [status.value for status in statuses if status.value not in table]
    gone = [value for value in table if value not in known]
    return Mirrored(
        ids,
        (
            *_named("[aloware.dispositions] has every status of HubSpot", missing),
            *_named("[aloware.dispositions] has HubSpot's statuses only, by internal value", gone),
        ),
    )


def _named(expectation: str, values: Sequence[str]) -> tuple[Finding, ...]:
    said = f"{expectation}: see {', '.join(values)} in `tandem statuses`"
    return (Finding(ALOWARE, said, "warning", len(values)),) if values else ()


def remembered(state: State, policy: Policy) -> Mirrored:
    """What the policy's table says, and how the ledger last read Aloware's contacts: for when nobody can be asked."""
    name, ids = policy.status_field, {id_: status for status, id_ in policy.aloware.dispositions.items()}
    if name is None or name not in state.bases:
        return Mirrored(ids)
    known = state.bases.loc[state.bases.index.str.startswith(f"{ALOWARE}:"), [name, f"{name}_raw"]].dropna()
    known = known[(known[name] != "") & ~known[name].str.startswith(UNKNOWN)].drop_duplicates(f"{name}_raw")
    return Mirrored(ids | dict(zip(known[f"{name}_raw"], known[name], strict=True)))


def reread(state: State, policy: Policy, ids: Mapping[str, str]) -> State:
    """The ledger, with what was `?<id>` under the status that this disposition stands for by now.

    It is the list that changed; no agent picked anything.
    """
    name = policy.status_field
    meanings = {UNKNOWN + id_: status for id_, status in ids.items()}
    if name is None or not meanings:
        return state
    here = state.settled["field"] == name
    settled = state.settled.copy()
    for column in ("golden", "value"):
        settled.loc[here, column] = _reread(settled.loc[here, column], meanings)
    return replace(
        state, golden=_with(state.golden, name, meanings), bases=_with(state.bases, name, meanings), settled=settled
    )


def _with(frame: pd.DataFrame, name: str, meanings: Mapping[str, str]) -> pd.DataFrame:
    return frame.assign(**{name: _reread(frame[name], meanings)}) if name in frame else frame


def _reread(values: "pd.Series[str]", meanings: Mapping[str, str]) -> "pd.Series[str]":
    return values.map(meanings).astype("str").fillna(values)


def with_ids(cells: pd.DataFrame, policy: Policy, ids: Mapping[str, str]) -> pd.DataFrame:
    """Cells of a plan for Aloware with the ids that foreseen dispositions were given since; missing: none was."""
    unmade = (cells["field"] == policy.status_field) & (cells["after"] == UNMADE + cells["value"])
    given = cells["value"].map({status: id_ for id_, status in ids.items()}).astype("str")
    return cells.assign(after=cells["after"].mask(unmade, given))


def astray(records: pd.DataFrame, policy: Policy, schemas: Mapping[str, Schema]) -> "pd.Series[bool]":
    """Which of HubSpot's contacts have a status that isn't one of its options: one that was removed."""
    name = policy.status_field
    prop = policy.fields[name].hubspot if name else None
    known = schemas.get(HUBSPOT, {}).get("contacts", {}).get(prop or "")
    if name is None or known is None or known.options is None:
        return pd.Series(False, index=records.index)
    values = records[name].fillna("")
    return records["system"].eq(HUBSPOT) & values.ne("") & ~values.isin(known.options)


def strays(count: int) -> tuple[Finding, ...]:
    """What is said of so many contacts that are `astray`. Nothing is blanked."""
    expectation = "every status is one of Lead Status's options (others stay where they are, and are never written)"
    return (Finding(HUBSPOT, expectation, "warning", count),) if count else ()
