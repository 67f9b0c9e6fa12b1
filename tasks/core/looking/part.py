"""A part of the world that a plan can be made from, found without reading all of it: the people whom the last run
looked at, those of whom anything moved since, and their neighbours. All others are as they were, and at rest.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

import pandas as pd

from tasks.core.deltas import differing
from tasks.core.frames import among, places
from tasks.core.model import SALESFORCE, Snapshot, reference
from tasks.core.state import RETIRED, TOMBSTONE, State
from tasks.core.tally import Tally

SEEN = "as_of"  # when a record was seen says nothing of the record


@dataclass(frozen=True)
class Part:
    """What a plan is made from, beside the people whom its ledger knows: records of nobody (`strangers`, references);
    and the tally of all records that it isn't made from, by system."""

    strangers: frozenset[str]
    others: dict[str, Tally]


@dataclass(frozen=True)
class Looked:
    """What a plan leaves to the next one: what it judged everybody `under` (a digest), the `names` of people and
    records whom it looked at or couldn't be sure of, and the tally of all records, by system."""

    under: str
    names: frozenset[str]
    tallies: dict[str, Tally]


def narrowed(snapshot: Snapshot, refs: "pd.Index[str]") -> Snapshot:
    """The snapshot with the records of those references alone."""
    return replace(
        snapshot,
        frames={
            name: frame[among(frame["record_id"], _ids(refs, reference(snapshot.system, name, "")))]
            for name, frame in snapshot.frames.items()
        },
    )


def _ids(refs: "pd.Index[str]", place: str) -> "pd.Index[str]":
    return refs[refs.str.startswith(place)].str.removeprefix(place)


def moved(before: Snapshot, after: Snapshot) -> set[str] | None:
    """References of records that are new, gone, or not the same, or that were seen earlier than before; and those of
    which there is evidence that they ended, with their heirs. None: that can't be told."""
    found = {*after.gone, *(heir for heir in after.gone.values() if heir), *before.skipped, *after.skipped}
    if {name: set(frame) for name, frame in before.frames.items()} != {n: set(f) for n, f in after.frames.items()}:
        return None
    for name, frame in after.frames.items():
        ids = _moved(before.frames[name].set_index("record_id"), frame.set_index("record_id"))
        found.update(reference(after.system, name, record_id) for record_id in ids)
        found.update(_contacts(frame, ids))
    return found


def _moved(before: pd.DataFrame, after: pd.DataFrame) -> "pd.Index[str]":
    changed, gone = differing(before.drop(columns=SEEN), after.drop(columns=SEEN))
    there = places(after.index, before.index)
    changed[there >= 0] |= after[SEEN].array[there >= 0] < before[SEEN].array[there[there >= 0]]
    return after.index[changed].append(before.index[gone]).dropna()


def _contacts(frame: pd.DataFrame, ids: Collection[str]) -> set[str]:
    """What Leads became that were converted."""
    if "converted_to" not in frame:
        return set()
    rows = frame[among(frame["record_id"], ids)]
    return {reference(SALESFORCE, "Contact", contact) for contact in rows["converted_to"].dropna()}


def unsettled(state: State) -> set[str]:
    """People and records that the ledger names outside their own rows: of whom a difference is settled or something was
    decided by hand, and who turned out to be somebody else."""
    refs = state.settled["ref"].dropna()
    unborn = refs.str.extract(r":\+(.+)$", expand=False).dropna()
    names = (refs, unborn, state.decisions["person"], state.absorbed["survivor"], state.absorbed.index.to_series())
    return {str(name) for column in names for name in column.dropna()}


def left_open(records: pd.DataFrame, state: State, known: State, doubtful: Collection[str]) -> set[str]:
    """The names of those whom a run looked at (`known` is what it knew of them), of records of nobody, of records that
    it didn't see, and of whoever has one of the numbers that it had to look up."""
    owners = (known.links["person"], known.people.index, known.golden.index, known.numbers["person"])
    alive = state.links[~state.links["role"].isin([TOMBSTONE, RETIRED]) & state.links["system"].isin(state.connected)]
    found = [
        *owners,
        records.index[~among(records.index, state.links.index)],
        records.index[among(records["key"], doubtful)],
        state.people.index[among(state.people["key"], doubtful)],
        alive.index[~among(alive.index, records.index)],
    ]
    return {str(name) for names in found for name in pd.Series(names).dropna().unique()}
