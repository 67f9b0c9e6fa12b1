"""What hardly changed is kept as what differs, and becomes again what it was."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from tasks.core.deltas import GONE, delta, patched

TEXTS = st.sampled_from(["", "a", "ü"]) | st.none()
TIMES = st.sampled_from(["2026-11-22T12:00Z", "2026-11-23T12:00Z"]) | st.none()
ROWS = st.dictionaries(st.sampled_from("stuvwxyz"), st.tuples(TEXTS, TEXTS, TIMES))


def table(rows: dict[str, tuple[str | None, str | None, str | None]]) -> pd.DataFrame:
    """As the ledger gives them: rows in the order of their names, text, and times of day in UTC."""
    index = pd.Index(sorted(rows), name="ref", dtype="str")
    columns = {name: pd.Series([rows[ref][n] for ref in index], dtype="str") for n, name in enumerate(("one", "two"))}
    times = pd.to_datetime([rows[ref][2] for ref in index], utc=True).astype("datetime64[ns, UTC]")
    return pd.DataFrame({name: column.array for name, column in columns.items()} | {"at": times}, index=index)


@given(ROWS, ROWS)
def test_what_differs_makes_one_table_into_the_other(
    before: dict[str, tuple[str | None, str | None, str | None]],
    after: dict[str, tuple[str | None, str | None, str | None]],
) -> None:
    """Be it that rows came, went, or say something else; missing isn't blank, and is the same as missing."""
    changed = delta(table(before), table(after))
    assert_frame_equal(patched(table(before), changed), table(after))
    assert sorted(changed.index) == sorted(ref for ref in {*before, *after} if before.get(ref) != after.get(ref))


def test_of_what_went_only_the_name_is_kept() -> None:
    changed = delta(table({"s": ("a", "ü", None)}), table({}))
    assert changed[GONE].tolist() == [True]
    assert changed.drop(columns=GONE).isna().all(axis=None)
