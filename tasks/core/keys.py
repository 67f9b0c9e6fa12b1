"""The match key of a person: how it moves when a linked record's number is edited, and who may not have it."""

import json
from collections.abc import Iterable

import pandas as pd

from tasks.core.authority import aloware_speaks
from tasks.core.model import ALOWARE, SYSTEMS
from tasks.core.plan import COLLISIONS
from tasks.core.policy import Policy
from tasks.core.state import REPRESENTATIVE, State, empty


def listed(refs: Iterable[str]) -> str:
    """Record references as the JSON text that collisions carry."""
    return json.dumps(sorted(refs))


def move(linked: pd.DataFrame, state: State, policy: Policy) -> tuple[pd.DataFrame, pd.DataFrame]:
    """People with their keys after all moves of this run, and the moves that were refused (collisions).

    A key moves only by an edit, to another valid number, of a record that speaks for the person. A number counts as
    free when nobody holds it after all moves, so swaps and rotations pass; a mover who would still meet somebody stays.
    """
    before = state.people["key"]
    wanted = _wanted(linked, state, policy).reindex(before.index)
    after = before.where(wanted.isna(), wanted)
    refused = pd.Series(False, index=before.index)
    while True:
        meets = after.duplicated(keep=False) & (after != before)
        if not meets.any():
            break
        refused |= meets
        after = after.where(~meets, before)
    people = state.people.assign(key=after, key_before=before)[["key", "born", "key_before"]]
    return people.astype("str"), _refusals(wanted[refused], linked, people)


def _wanted(linked: pd.DataFrame, state: State, policy: Policy) -> "pd.Series[str]":
    """Person → the number that an edit asks for; of several, the one of the first system."""
    role = state.links["role"].reindex(linked["base_ref"]).to_numpy()
    speaking = linked[(role == REPRESENTATIVE) & linked["key"].notna()]
    edited = speaking[_key_of_base(speaking, state, policy) != speaking["key"]]
    edited = edited[(edited["system"] != ALOWARE) | edited["person"].isin(aloware_speaks(linked, state, policy))]
    rank = edited["system"].map({system: n for n, system in enumerate(SYSTEMS)})
    first = edited.assign(rank=rank).sort_values(["rank", "record_id"]).drop_duplicates("person")
    return pd.Series(first["key"].to_numpy(), index=first["person"], dtype="str")


def _key_of_base(speaking: pd.DataFrame, state: State, policy: Policy) -> "pd.Series[str]":
    """The match key as the bases know it; where no base is known, the present one (a join is never an edit)."""
    bases = state.bases.reindex(speaking["base_ref"])
    key = pd.Series(pd.NA, index=speaking.index, dtype="str")
    for (system, object_name), rows in speaking.groupby(["system", "object"]):
        here = speaking.index.isin(rows.index)
        for name in policy.phone_fields(str(system), str(object_name)):
            if name in bases:
                known = pd.Series(bases[name].to_numpy(), index=speaking.index, dtype="str")
                key = key.mask(here & key.isna(), known.where(known != ""))
    return key.fillna(speaking["key"])


def _refusals(wanted: "pd.Series[str]", linked: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """A number asked for by one person and held by another: reported with the records of both."""
    if wanted.empty:
        return empty(COLLISIONS)
    rows = []
    for person, number in wanted.sort_index().items():
        claimants = linked.index[(linked["person"] == person) & (linked["key"] == number)]
        holders = linked.index[linked["person"].isin(people.index[people["key"] == number])]
        rows.append(("number-taken", number, listed(claimants.union(holders)), ""))
    return pd.DataFrame(rows, columns=list(COLLISIONS), dtype="str")
