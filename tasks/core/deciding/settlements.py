"""Differences known and accepted, and which of them stand (design, "settled")."""

import pandas as pd

from tasks.core.deciding import consent
from tasks.core.frames import among
from tasks.core.matching import Matching
from tasks.core.policy import Field
from tasks.core.state import (
    NOT_CLEARED,
    NOT_TAKEN,
    NOT_WRITABLE,
    State,
)


def known(matching: Matching, state: State) -> pd.DataFrame:
    """What the ledger has, and what a record new to us takes over from the one whose bases it inherits."""
    heirs = matching.records["base_ref"]
    heirs = heirs[heirs.notna() & (heirs != heirs.index) & ~heirs.duplicated()]
    rows = state.settled[among(state.settled["ref"], heirs)]
    taken_over = rows.assign(ref=rows["ref"].map(pd.Series(heirs.index, index=heirs, dtype="str")))
    taken_over.index = pd.RangeIndex(start=-len(rows), stop=0)  # apart from the ledger's own rows
    stored = state.settled.reset_index(drop=True)
    return pd.concat([taken_over, stored]).drop_duplicates(["ref", "field"], keep="last")


def standing(settled: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Field → settlements by `ref`. What couldn't be written or cleared is judged anew each time: an opened scope or
    another policy ends that. What a system didn't take is tried once more."""
    stand = settled[~settled["reason"].isin([NOT_WRITABLE, NOT_CLEARED, NOT_TAKEN])].set_index("ref")
    return {str(name): rows for name, rows in stand.groupby("field")}


def accepted(
    field: Field, ref: "pd.Series[str]", value: "pd.Series[str]", settled: pd.DataFrame | None
) -> "pd.Series[str]":
    """Per cell the golden for which its present value is settled, missing where it isn't. `settled` as `standing` gives
    it for that field."""
    if settled is None:
        return pd.Series(pd.NA, index=ref.index, dtype="str")
    rows = settled.reindex(ref)
    golden = pd.Series(rows["golden"].to_numpy(), index=ref.index, dtype="str")
    at_value = pd.Series(rows["value"].to_numpy(), index=ref.index, dtype="str")
    return golden.where(plain(at_value, field) == plain(value, field))


def plain(values: "pd.Series[str]", field: Field) -> "pd.Series[str]":
    """Values as settlements compare them: of consent a blank counts as false."""
    return consent.plain(values) if field.type == "consent" else values
