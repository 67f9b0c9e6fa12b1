"""Texts among others: what pandas' `isin` says, said faster."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from tasks.core.frames import among, column, picked, places, same

TEXTS = st.lists(st.sampled_from(["", "a", "b", "ü", "NaN", "long " * 20]) | st.none(), max_size=12)


@given(TEXTS, TEXTS, st.booleans())
def test_a_text_is_among_others_as_pandas_says_it(
    values: list[str | None], others: list[str | None], pieces: bool
) -> None:
    """Whichever of the two is longer, whatever is missing or repeated; what is missing is among none."""
    here, there = pd.Series(values, dtype="str"), pd.Series(others, dtype="str")
    here = pd.concat([here[:2], here[2:]]) if pieces else here
    expected = here.isin(there.dropna()).tolist()
    assert among(here, there).tolist() == expected
    assert among(pd.Index(here), pd.Index(there)).tolist() == expected
    assert among(here, set(there.dropna())).tolist() == expected


@given(TEXTS, TEXTS)
def test_a_row_is_found_and_what_stands_there_is_read(values: list[str | None], others: list[str | None]) -> None:
    """The first of several; what is missing stands nowhere, and nowhere stands nothing."""
    here, there = pd.Series(values, dtype="str"), pd.Series(others, dtype="str")
    known = [each for each in others if each is not None]
    where = [others.index(each) if each in known else -1 for each in values]
    assert places(here, there).tolist() == where
    assert picked(there, places(here, there)).fillna("-").tolist() == [
        each if each in known else "-" for each in values
    ]


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "", None]), st.sampled_from(["a", "b", "", None])), max_size=12))
def test_columns_are_the_same_where_both_say_one_thing(rows: list[tuple[str | None, str | None]]) -> None:
    """What is missing is the same as nothing, be it missing on both sides."""
    one, other = (pd.Series([row[n] for row in rows], dtype="str") for n in (0, 1))
    assert same(one, other).tolist() == [left == right and left is not None for left, right in rows]


def test_nothing_is_among_nothing() -> None:
    """Frames that never had a row don't know that they hold text."""
    assert among(pd.DataFrame().index, pd.Series([], dtype="float64")).tolist() == []
    assert among(pd.Series(["a"]), pd.DataFrame().index).tolist() == [False]


def test_a_column_that_isn_t_there_is_missing_everywhere() -> None:
    frame = pd.DataFrame({"phone": ["1"]}, index=["ref"])
    assert column(frame, "email").isna().tolist() == [True]
    assert column(frame, "phone").tolist() == ["1"]
