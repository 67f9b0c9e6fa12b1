"""What every room of the core needs of frames: a row's facts beside the rows that name it, and who is among whom."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Bools = np.ndarray[Any, np.dtype[np.bool_]]
Places = np.ndarray[Any, np.dtype[np.int64]]


def beside(rows: pd.DataFrame, facts: pd.DataFrame, on: str, columns: Sequence[str]) -> pd.DataFrame:
    """`rows` with `columns` of the fact whose index equals the row's `on`; rows and their index stay as they are.

    Instead of `DataFrame.join`, which fails on the text columns of frames that became empty (pandas 3.1 with pyarrow).
    """
    found = facts[list(columns)].reindex(rows[on]).set_axis(rows.index)
    return rows.assign(**{column: found[column] for column in columns})


def column(frame: pd.DataFrame, name: str) -> "pd.Series[str]":
    """A column that the ledger may not have yet: of a field mapped since its last run."""
    return frame[name] if name in frame else pd.Series(pd.NA, index=frame.index, dtype="str")


def among(values: "pd.Series[str] | pd.Index[str]", others: Collection[str]) -> Bools:
    """Whether each of `values` is one of `others`, as `isin` says it: much faster for many others (pandas 3.1 goes
    through them one by one in Python). What is missing is among none.
    """
    asked, known = _text(values), _text(others)
    if len(asked) < len(known):  # what is looked up in is hashed, which costs more than looking up
        known = known.filter(pc.is_in(known, value_set=asked))
    return np.asarray(pc.is_in(asked, value_set=known, skip_nulls=True))


def places(values: Collection[str], others: Collection[str]) -> Places:
    """Where each of `values` stands first among `others`; -1: nowhere, so with what is missing."""
    found = pc.index_in(_text(values), value_set=_text(others), skip_nulls=True)
    return np.asarray(found.fill_null(-1)).astype("int64")


def picked(values: "pd.Series[str]", where: Places) -> "pd.Series[str]":
    """The values that stand there; missing where that is nowhere (-1)."""
    return pd.Series(pd.array(_text(values).take(pa.array(where, mask=where < 0)), dtype="str"))


def same(one: "pd.Series[str]", other: "pd.Series[str]") -> Bools:
    """Whether the values of two columns are equal, row by row; what is missing equals nothing."""
    return np.asarray(pc.equal(_text(one), _text(other)).fill_null(False))


def shares(rows: int, parts: int) -> list[slice]:
    """That many neighbouring slices of about equal length, which make up so many rows."""
    return [slice(n * rows // parts, (n + 1) * rows // parts) for n in range(parts)]


def parts(frames: Mapping[str, pd.DataFrame], count: int) -> list[Mapping[str, pd.DataFrame]]:
    """Frames of the same rows by name, cut into that many parts; into fewer, and at least one, where one were empty."""
    rows = min((len(frame) for frame in frames.values()), default=0)
    if min(rows, count) <= 1:
        return [frames]
    return [{name: frame.iloc[part] for name, frame in frames.items()} for part in shares(rows, min(rows, count))]


def together(parts: Sequence[dict[str, pd.DataFrame]]) -> dict[str, pd.DataFrame]:
    """Frames by name, each put together of those that the parts have by that name."""
    return parts[0] if len(parts) == 1 else {name: pd.concat([part[name] for part in parts]) for name in parts[0]}


def _text(values: Collection[str]) -> pa.LargeStringArray:
    index = pd.Index(values if isinstance(values, pd.Series | pd.Index) else list(values), dtype="str")
    text = pa.array(index.array, pa.large_string())
    return text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text
