"""What makes one table into another: so that of what hardly changed only that is kept.

Tables whose index names each row once, in its order, as the ledger gives them.
"""

import numpy as np
import pandas as pd

from tasks.core.frames import Bools, Places, among, places

GONE = "(gone)"  # the column that says so; no field of a policy can be called like this


def delta(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """The rows of `after` that are new or not the same, and those that aren't there any more, which only have their
    name; the columns of `after`, and GONE (bool). Both tables have the same columns."""
    moved, gone = differing(before, after)
    rows = after[moved]
    found = rows.reindex(rows.index.append(before.index[gone]))
    return found.assign(**{GONE: np.arange(len(found)) >= len(rows)})


def differing(before: pd.DataFrame, after: pd.DataFrame) -> tuple[Bools, Bools]:
    """Which rows of `after` are new or not the same, and which of `before` aren't there any more."""
    where = np.arange(len(after)) if before.index.equals(after.index) else places(after.index, before.index)
    gone = np.ones(len(before), dtype=bool)
    gone[where[where >= 0]] = False
    return ~_alike(before, after, where), gone


def patched(before: pd.DataFrame, changed: pd.DataFrame) -> pd.DataFrame:
    """The table that `before` became."""
    kept = before[~among(before.index, changed.index)]
    return pd.concat([kept, changed[~changed[GONE]].drop(columns=GONE)]).sort_index()


def _alike(before: pd.DataFrame, after: pd.DataFrame, where: Places) -> Bools:
    """Which rows of `after` say what stands there in `before`."""
    alike: Bools = where >= 0
    moved = not np.array_equal(where, np.arange(len(before)))
    for name in after.columns:
        ours, theirs = after[name].array, before[name].array
        theirs = theirs.take(where, allow_fill=True) if moved else theirs
        alike &= np.asarray(ours == theirs) | (ours.isna() & theirs.isna())
    return alike
