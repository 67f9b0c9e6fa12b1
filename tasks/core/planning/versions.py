"""On what a plan stands in the ledger: one word for all that is known of a cell, which changes when any of it does."""

import pandas as pd

from tasks.core.frames import among
from tasks.core.plan import Plan
from tasks.core.state import State


def of_cells(plan: Plan, state: State) -> "pd.Series[str]":
    """A row a cell of the plan: the version of (person, field) in that ledger: golden and whom it stands with, the
    person's records and their bases, what is settled of them, and what a person decided."""
    people = plan.cells["change"].map(plan.changes.set_index("id")["person"])
    links = state.links[among(state.links["person"], people)]
    bases = state.bases[among(state.bases.index, links.index)]
    versions = pd.Series("", index=plan.cells.index, dtype="str")
    for name, rows in plan.cells.groupby("field"):
        who = people[rows.index]
        known = _of_field(str(name), state, links, bases).groupby(level=0).sum()
        versions[rows.index] = known.reindex(who).fillna(0).astype("uint64").map("{:016x}".format).to_numpy()
    return versions


def moved(plan: Plan, state: State) -> "pd.Series[bool]":
    """Cells of which the ledger has learned something since the plan was made (never of a plan that doesn't say)."""
    if plan.versions is None:
        return pd.Series(False, index=plan.cells.index)
    return plan.versions.notna() & (plan.versions != of_cells(plan, state))


def _of_field(name: str, state: State, links: pd.DataFrame, bases: pd.DataFrame) -> "pd.Series[int]":
    """Person → digests of the rows that tell of that field; they add up to the same in any order."""
    people = links["person"].unique()
    golden = state.golden.reindex(columns=[name, f"{name}_from"])
    golden = golden[among(golden.index, people)]
    told = bases.reindex(index=links.index, columns=[name, f"{name}_raw"])
    records = pd.concat([links[["role"]], told], axis=1).reset_index(names="ref")
    settled = state.settled[(state.settled["field"] == name) & among(state.settled["ref"], links.index)]
    decided = state.decisions[state.decisions["field"] == name]
    rows = [
        _digests(golden, golden.index),
        _digests(records, links["person"]),
        _digests(settled, settled["ref"].map(links["person"])),
        _digests(decided, decided["person"]),
    ]
    return pd.concat(rows)


def _digests(frame: pd.DataFrame, person: "pd.Index[str] | pd.Series[str]") -> "pd.Series[int]":
    hashes = pd.util.hash_pandas_object(frame.astype("str"), index=False)
    return pd.Series(hashes.to_numpy(), index=pd.Index(person), dtype="uint64")
