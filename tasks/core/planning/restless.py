"""Of whom a run thinks: everybody of whom something may be decided anew. Of the others every record says what it said,
which is what was decided, and nothing is owed to them; most people, on most days.
"""

import pandas as pd

from tasks.core.frames import Bools, among
from tasks.core.matching import Matching
from tasks.core.model import ALOWARE
from tasks.core.planning import births
from tasks.core.policy import Policy
from tasks.core.state import REPRESENTATIVE, State


def restless(matching: Matching, state: State, policy: Policy) -> "pd.Index[str]":
    """Everybody whom leaving out would make another plan, and perhaps more. Sorted."""
    people = matching.people.index.sort_values()
    if state.rebasing:  # whose word counts is another question than at the last run
        return people
    records = matching.records
    speaking = records.loc[records["role"] == REPRESENTATIVE, ["person", "base_ref", *policy.fields]]
    found = [
        speaking.loc[~_calm(speaking, state, policy), "person"],
        records.loc[records["foreign"], "person"],
        records.loc[matching.drift, "person"],
        matching.links["person"],
        matching.absorbed,
        _moved(matching.people),
        state.decisions["person"],
        state.links["person"].reindex(state.settled["ref"].unique()),
        *(pd.Series(owed, dtype="str") for owed in births.due(matching, state, policy).values()),
    ]
    return people[among(people, pd.concat(found))]


def _calm(speaking: pd.DataFrame, state: State, policy: Policy) -> Bools:
    """Records that say of every field what they said, and what was decided."""
    names = list(policy.fields)
    bases = state.bases.reindex(index=speaking.index, columns=names)
    golden = state.golden.reindex(index=speaking["person"], columns=names)
    calm = speaking["base_ref"].to_numpy() == speaking.index.to_numpy()
    for name in names:
        value, decided = speaking[name], golden[name].set_axis(speaking.index)
        as_decided = value.eq(decided) | (value.eq("") & decided.isna() & _may_be_silent(name, policy))
        calm &= (value.isna() | (value.eq(bases[name]) & as_decided)).to_numpy()
    found: Bools = calm
    return found


def _may_be_silent(name: str, policy: Policy) -> bool:
    """A field of which nobody ever said anything; of a person's number that itself is something to decide."""
    return name not in policy.phone_fields(ALOWARE, "contacts")


def _moved(people: pd.DataFrame) -> "pd.Series[str]":
    """Those who are new, or go by another number than before."""
    moved = people["key_before"].isna() | (people["key_before"] != people["key"])
    return pd.Series(people.index[moved], dtype="str")
