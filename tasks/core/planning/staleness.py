"""Whether a plan is still true, cell by cell: what the plan saw against what the systems say just before the write."""

import pandas as pd

from tasks.core.frames import beside
from tasks.core.identity.asks import typed_at
from tasks.core.model import Outcome
from tasks.core.plan import ARCHIVE, Plan


def references(plan: Plan) -> pd.DataFrame:
    """One row a record that a cell stands on: `cell` (position in `plan.cells`), `ref`, `field`, `target` (bool)."""
    heads = plan.changes.set_index("id")
    cells = beside(plan.cells, heads, "change", ["system", "object", "record_id", "kind"])
    targets = cells[cells["kind"].isin(["update", ARCHIVE])]
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
    seen, now = look(standing_on, plan.advance.bases), look(standing_on, present)
    gone = ~standing_on["ref"].isin(present.index)
    # A source may hold no value for the field (not mapped there): then there is nothing that could have moved.
    moved = seen.notna() & (seen != now)
    put_away = _to_archive(plan, standing_on)
    if put_away.any():
        stamps = typed_at(present["modified_at"]).reindex(standing_on["ref"]).to_numpy()
        touched = ~gone & (stamps != plan.cells["value"].reindex(standing_on["cell"]).to_numpy())
        gone, moved = gone & ~put_away, moved.mask(put_away, touched)
    cells: pd.Index[int] = pd.Index(standing_on.loc[gone | moved, "cell"]).unique()
    return cells


def _to_archive(plan: Plan, standing_on: pd.DataFrame) -> "pd.Series[bool]":
    """Which of them are records that the plan puts away, so that any touch counts, and none that is left."""
    archives = plan.changes.loc[plan.changes["kind"] == ARCHIVE, "id"]
    found = plan.cells["change"].reindex(standing_on["cell"]).isin(archives)
    return found.set_axis(standing_on.index)


def written_by_us(watched: pd.DataFrame, plan: Plan, outcomes: pd.DataFrame) -> "pd.Series[bool]":
    """Source cells that this very run has brought to golden: our own writes don't make a plan stale."""
    applied = plan.cells[outcomes["outcome"] == Outcome.APPLIED.value]
    applied = beside(applied, plan.changes.set_index("id"), "change", ["system", "object", "record_id"])
    ours = pd.MultiIndex.from_arrays(
        [applied["system"] + ":" + applied["object"] + ":" + applied["record_id"].fillna(""), applied["field"]]
    )
    return pd.Series(pd.MultiIndex.from_frame(watched[["ref", "field"]]).isin(ours), index=watched.index)


def look(standing_on: pd.DataFrame, frame: pd.DataFrame) -> "pd.Series[str]":
    """For each row of `standing_on` (columns `ref`, `field`) what `frame` (index `ref`) says; missing: nothing."""
    values = pd.Series(pd.NA, index=standing_on.index, dtype="str")
    for name in standing_on["field"].unique():
        rows = standing_on.index[standing_on["field"] == name]
        if name in frame:
            values.loc[rows] = frame[name].reindex(standing_on.loc[rows, "ref"]).to_numpy()
    return values


def already_there(plan: Plan, standing_on: pd.DataFrame, present: pd.DataFrame) -> "pd.Index[int]":
    """Positions in `plan.cells` whose target holds the planned value already, or is put away already: an earlier
    attempt took effect."""
    targets = standing_on[standing_on["target"]]
    now = look(targets, present)
    planned = plan.cells["value"].reindex(targets["cell"]).to_numpy()
    put_away = _to_archive(plan, targets) & ~targets["ref"].isin(present.index)
    cells: pd.Index[int] = pd.Index(targets.loc[(now == planned) | put_away, "cell"])
    return cells
