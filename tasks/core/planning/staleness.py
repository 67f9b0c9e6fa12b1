"""Whether a plan is still true, cell by cell: what the plan saw against what the systems say just before the write."""

import pandas as pd

from tasks.core.frames import beside
from tasks.core.model import Outcome
from tasks.core.plan import Plan


def references(plan: Plan) -> pd.DataFrame:
    """One row a record that a cell stands on: `cell` (position in `plan.cells`), `ref`, `field`, `target` (bool)."""
    heads = plan.changes.set_index("id")
    cells = beside(plan.cells, heads, "change", ["system", "object", "record_id", "kind"])
    targets = cells[cells["kind"] == "update"]
    own = pd.DataFrame(
        {
            "cell": targets.index,
            "ref": targets["system"] + ":" + targets["object"] + ":" + targets["record_id"],
            "field": targets["field"],
            "target": True,
        }
    )
    sources = cells["sources"].fillna("").str.split().explode().dropna()
    theirs = pd.DataFrame(
        {"cell": sources.index, "ref": sources.to_numpy(), "field": cells["field"].loc[sources.index], "target": False}
    )
    return pd.concat([own, theirs], ignore_index=True).astype({"ref": "str", "field": "str", "target": "bool"})


def stale_cells(plan: Plan, standing_on: pd.DataFrame, present: pd.DataFrame) -> "pd.Index[int]":
    """Positions in `plan.cells` whose target or sources moved since the plan saw them, or are gone.

    `standing_on` as `references` gives it (all of it, or the part that was peeked); `present` the peeked records,
    normalised.
    """
    seen, now = _look(standing_on, plan.advance.bases), _look(standing_on, present)
    gone = ~standing_on["ref"].isin(present.index)
    # A source may hold no value for the field (not mapped there): then there is nothing that could have moved.
    moved = seen.notna() & (seen != now)
    cells: pd.Index[int] = pd.Index(standing_on.loc[gone | moved, "cell"]).unique()
    return cells


def written_by_us(watched: pd.DataFrame, plan: Plan, outcomes: pd.DataFrame) -> "pd.Series[bool]":
    """Source cells that this very run has brought to golden: our own writes don't make a plan stale."""
    applied = plan.cells[outcomes["outcome"] == Outcome.APPLIED.value]
    applied = beside(applied, plan.changes.set_index("id"), "change", ["system", "object", "record_id"])
    ours = pd.MultiIndex.from_arrays(
        [applied["system"] + ":" + applied["object"] + ":" + applied["record_id"].fillna(""), applied["field"]]
    )
    return pd.Series(pd.MultiIndex.from_frame(watched[["ref", "field"]]).isin(ours), index=watched.index)


def _look(standing_on: pd.DataFrame, frame: pd.DataFrame) -> "pd.Series[str]":
    values = pd.Series(pd.NA, index=standing_on.index, dtype="str")
    for name in standing_on["field"].unique():
        rows = standing_on.index[standing_on["field"] == name]
        if name in frame:
            values.loc[rows] = frame[name].reindex(standing_on.loc[rows, "ref"]).to_numpy()
    return values


def already_there(plan: Plan, standing_on: pd.DataFrame, present: pd.DataFrame) -> "pd.Index[int]":
    """Positions in `plan.cells` whose target holds the planned value already: an earlier attempt took effect."""
    targets = standing_on[standing_on["target"]]
    now = _look(targets, present)
    planned = plan.cells["value"].reindex(targets["cell"]).to_numpy()
    cells: pd.Index[int] = pd.Index(targets.loc[now == planned, "cell"])
    return cells
