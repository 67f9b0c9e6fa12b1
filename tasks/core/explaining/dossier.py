"""All that is known of one person: what the ledger holds, what was planned, decided and written, what systems say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from tasks.core.model import SYSTEMS, Snapshot, reference
from tasks.core.normalise import normalise
from tasks.core.policy import Policy
from tasks.core.state import REPRESENTATIVE, State
from tasks.core.statuses import remembered

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Past:
    """What the ledger's tables have of one person beside its state; rows as their statements name them, oldest first.

    `links` are the roles of records from a time on, `writes` a row a planned cell, `rules` field → (the word for how
    golden was decided, the run that decided it). `refused`, `collisions` and `quarantine` are those of the latest plan
    that looked at everybody, which is `look`. `runs` is run → when it began, `said` run → what people said to its plan,
    `modified` run → record → when that had last been modified, as the run saw it.
    """

    links: Sequence[Row] = ()
    writes: Sequence[Row] = ()
    conflicts: Sequence[Row] = ()
    decisions: Sequence[Row] = ()
    settled: Sequence[Row] = ()
    refused: Sequence[Row] = ()
    collisions: Sequence[Row] = ()
    quarantine: Sequence[Row] = ()
    look: str | None = None
    rules: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)
    runs: Mapping[str, str] = field(default_factory=dict)
    said: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    modified: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Record:
    """One of a person's records: its role, since when, the values that it was last seen with and those that a decision
    last took into account (field → canonical value; missing: not held, or no base)."""

    ref: str
    role: str
    since: str = ""
    now: Mapping[str, str] = field(default_factory=dict)
    base: Mapping[str, str] = field(default_factory=dict)

    @property
    def system(self) -> str:
        return self.ref.partition(":")[0]

    @property
    def object(self) -> str:
        return self.ref.split(":")[1]

    @property
    def speaks(self) -> bool:
        return self.role == REPRESENTATIVE


@dataclass(frozen=True)
class Dossier:
    """One person. `others` are ids of people who turned out to be them; `golden` is field → (value, whom it stands
    with), of fields that were ever decided."""

    person: str
    key: str | None
    others: tuple[str, ...]
    records: tuple[Record, ...]
    numbers: tuple[Row, ...]
    golden: Mapping[str, tuple[str, str]]
    past: Past

    @property
    def name(self) -> str:
        """First and last name, as far as they are decided."""
        return " ".join(v for n in ("first_name", "last_name") if (v := self.golden.get(n, ("", ""))[0]))


def refs_of(person: str, state: State) -> list[str]:
    """References of that person's records in the order of systems, those that speak first."""
    mine = state.links[state.links["person"] == person]
    silent = mine["role"] != REPRESENTATIVE
    rank = mine["system"].map({system: n for n, system in enumerate(SYSTEMS)})
    return list(mine.assign(silent=silent, rank=rank).sort_values(["rank", "silent", "object", "record_id"]).index)


def compiled(person: str, state: State, policy: Policy, past: Past, snapshots: Sequence[Snapshot]) -> Dossier:
    """The dossier of that person; `snapshots` are the latest looks at their records."""
    present = normalise(snapshots, policy, remembered(state, policy).ids)
    numbers = state.numbers[state.numbers["person"] == person]
    golden = _row(state.golden, person)
    return Dossier(
        person=person,
        key=_text(_row(state.people, person).get("key")),
        others=tuple(state.absorbed.index[state.absorbed["survivor"] == person]),
        records=tuple(_record(ref, state, policy, past, present) for ref in refs_of(person, state)),
        numbers=tuple({str(name): value for name, value in row.items()} for row in numbers.to_dict("records")),
        golden={
            name: (value, _text(golden.get(f"{name}_from")) or "")
            for name, value in _values(golden, list(policy.fields)).items()
        },
        past=past,
    )


def modified_at(snapshots: Sequence[Snapshot]) -> dict[str, str]:
    """When each of those records had last been modified, by its reference, where the system says so."""
    return {
        reference(snapshot.system, name, str(row["record_id"])): row["modified_at"].isoformat()
        for snapshot in snapshots
        for name, frame in snapshot.frames.items()
        for row in frame[frame["modified_at"].notna()].to_dict("records")
    }


def _record(ref: str, state: State, policy: Policy, past: Past, present: pd.DataFrame) -> Record:
    fields = list(policy.fields)
    base = now = _values(_row(state.bases, ref), fields)
    if seen := _row(present, ref):
        written = _written_since(ref, seen["as_of"], past)
        now = _values(seen, fields) | {name: base[name] for name in written if name in base}
    since = [str(row["since"]) for row in past.links if row["ref"] == ref]
    role = str(_row(state.links, ref)["role"])
    return Record(ref, role, since[-1] if since else "", now, base)


def _row(frame: pd.DataFrame, index: str) -> Row:
    """That row; empty where there is none."""
    found = frame[frame.index == index].to_dict("records")
    return {str(name): value for name, value in found[0].items()} if found else {}


def _written_since(ref: str, seen: Any, past: Past) -> set[str]:
    """Fields that we wrote after that look: what was read back then is what we know now."""
    return {
        row["field"]
        for row in past.writes
        if target(row) == ref
        and row["outcome"] == "applied"
        and row["received_at"]
        and (pd.isna(seen) or pd.Timestamp(row["received_at"]) >= seen)
    }


def target(write: Row) -> str:
    """The reference of the record that a planned cell is of; a record that was never created has no id."""
    return f"{write['system']}:{write['object']}:{write['record_id'] or ''}"


def _values(row: Row, fields: Sequence[str]) -> dict[str, str]:
    return {name: value for name in fields if (value := _text(row.get(name))) is not None}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
