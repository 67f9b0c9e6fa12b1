"""When a value was typed, and which is the newest: what `recency` is told, beyond the rule book's tables."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from tasks.core.deciding.recency import NANOSECONDS, edit_times, newest
from tasks.core.deciding.sides import NEVER
from tasks.core.model import ALOWARE, HUBSPOT, SALESFORCE

TOLERANCE = timedelta(minutes=2)
NOON = pd.Timestamp("2026-11-22 12:00", tz="UTC")


def after(minutes: float | None) -> pd.Timestamp:
    return pd.NaT if minutes is None else NOON + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("system", "touched", "ours", "typed", "expected"),
    [
        (SALESFORCE, 9, None, None, 9),  # never written by us
        (SALESFORCE, 9, 1, None, 9),
        (SALESFORCE, 9, 9, None, None),  # that was our own write
        (SALESFORCE, 9, 7, None, None),  # within the tolerance of it
        (SALESFORCE, 9, 20, None, None),
        (SALESFORCE, 9, 9, 5, 5),  # a property's own history knows better
        (HUBSPOT, 9, None, 5, 5),
        (HUBSPOT, 9, None, None, None),  # somebody touched the record; not this property, for all we know
        (ALOWARE, 9, None, None, None),
    ],
)
def test_a_time_counts_where_a_person_made_it(
    system: str, touched: float, ours: float | None, typed: float | None, expected: float | None
) -> None:
    """Salesforce's time is its record's, and only where we weren't the last to write that."""
    side = pd.DataFrame({"ref": ["r"], "modified_at": [after(touched)], "name_at": [after(typed)]}, index=["person"])
    receipts = pd.DataFrame({"at": [after(ours)]}, index=["r"]) if ours is not None else pd.DataFrame({"at": []})
    (found,) = edit_times(side, "name", system, receipts, TOLERANCE)
    assert pd.isna(found) if expected is None else found == after(expected)


@pytest.mark.parametrize(
    ("values", "minutes", "expected"),
    [
        ("ABB", (1, 2, 9), 2),
        ("ABB", (9, 1, None), -1),  # the one without a time may be newer still
        ("AB-", (7, 9, None), -1),
        ("AB-", (6.9, 9, None), 1),
        ("AA-", (8, 9, None), 1),  # two sides that agree don't compete
        ("ABA", (8, 5, 9), 2),
        ("AB-", (9, 9, None), -1),
    ],
)
def test_the_newest_is_told_apart_by_more_than_the_tolerance(
    values: str, minutes: tuple[float | None, ...], expected: int
) -> None:
    """Of rivals (`-` is none) the column of the newest, or -1."""
    said = np.array([list(values)], dtype=object)
    at = np.array([[NEVER if m is None else int(m * 60) * NANOSECONDS for m in minutes]])
    assert newest(said, at, said != "-", TOLERANCE).tolist() == [expected]
