"""The one thing about frames that every room of the core needs: a row's facts beside the rows that name it."""

from collections.abc import Sequence

import pandas as pd


def beside(rows: pd.DataFrame, facts: pd.DataFrame, on: str, columns: Sequence[str]) -> pd.DataFrame:
    """`rows` with `columns` of the fact whose index equals the row's `on`; rows and their index stay as they are.

    Instead of `DataFrame.join`, which fails on the text columns of frames that became empty (pandas 3.1 with pyarrow).
    """
    found = facts[list(columns)].reindex(rows[on]).set_axis(rows.index)
    return rows.assign(**{column: found[column] for column in columns})
