"""When a value was typed, as far as a system tells, and which of several is the newest (design, rule `recency`)."""

from datetime import timedelta

import numpy as np
import pandas as pd

from tasks.core.deciding.sides import NEVER, Array, leftmost, pick
from tasks.core.model import SALESFORCE

NANOSECONDS = 1_000_000_000  # in a second


def edit_times(side: pd.DataFrame, name: str, system: str, receipts: pd.DataFrame, tolerance: timedelta) -> pd.Series:
    """When each record of `side` (columns `ref`, `modified_at` and, where known, `<name>_at`) got its value; UTC.

    A property's own history says it best. Salesforce tells only who touched the record last, so its time counts where
    that wasn't us: well after our own last receipt.
    """
    at = pd.Series(pd.NaT, index=side.index, dtype="datetime64[ns, UTC]")
    if f"{name}_at" in side:
        at = pd.to_datetime(side[f"{name}_at"], utc=True).astype("datetime64[ns, UTC]")
    if system != SALESFORCE:
        return at
    touched = side["modified_at"].astype("datetime64[ns, UTC]")
    ours = pd.Series(receipts["at"].reindex(side["ref"]).to_numpy(), index=side.index)
    ours = pd.to_datetime(ours, utc=True).astype("datetime64[ns, UTC]")
    return at.fillna(touched.where(ours.isna() | (touched > ours + tolerance)))


def newest(values: Array, at: Array, rivals: Array, tolerance: timedelta) -> Array:
    """Per row the column of the newest of `rivals`, -1 where that can't be told: one of them has no time, or another
    value is as new within the tolerance. Clocks of different vendors disagree.
    """
    when = np.where(rivals, at, NEVER)
    latest = when.max(axis=1)
    first = leftmost(rivals & (when == latest[:, None]))
    others = rivals & (values != pick(values, first)[:, None])
    second = np.where(others, at, NEVER).max(axis=1)
    margin = int(tolerance.total_seconds()) * NANOSECONDS
    told = (~rivals | (at != NEVER)).all(axis=1) & (latest - np.maximum(second, 0) > margin)
    return np.where(told, first, -1)
