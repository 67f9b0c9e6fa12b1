"""The table of decisions, held against a second implementation on hundreds of thousands of generated cells."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tasks.core.deciding import resolve, sides
from tasks.core.model import ALOWARE, HUBSPOT, SYSTEMS
from tasks.core.policy import Field
from tests.property import reference

TOLERANCE = timedelta(minutes=2)
START = pd.Timestamp("2026-11-22 12:00", tz="UTC")
ORDERS = (SYSTEMS, SYSTEMS[::-1], (HUBSPOT,))
RULES = product(("priority", "recency", "rank", "hold"), ("ignore", "fill-only", "clear"), ORDERS, ("restore", "keep"))
FIELDS = [
    *((Field(rule=rule, blanks=blanks, order=order), drift) for rule, blanks, order, drift in RULES),
    *((Field(type="consent", order=order), "restore") for order in ORDERS * 4),
]

# Few letters, so that values collide; None is "not held", "no base yet", "never decided", "not settled".
LETTERS, WORDS = ("", "A", "B", "C"), ("", "true", "false", "false")
SAME = "the value itself"
PARTS = ("", "_base", "_speaks", "_writable", "_paused", "_settled")
NOT_HELD = (None, None, False, False, False, None)


def held(values: tuple[str, ...]) -> np.ndarray[Any, np.dtype[Any]]:
    """Everything that one side may say, a row each."""
    bases, settled = (SAME, SAME, SAME, None, *values), (None, None, None, "", values[1])
    rows = [
        (value, value if base is SAME else base, speaks, may == "write", may == "paused", accepted)
        for value, base, speaks, may, accepted in product(
            values, bases, (True, True, False), ("write", "write", "paused", "never"), settled
        )
    ]
    return np.array([NOT_HELD] * (len(rows) // 12) + rows, dtype=object)


def cells(dice: np.random.Generator, count: int, values: tuple[str, ...]) -> pd.DataFrame:
    """What `diff.diff` may say of one field of that many persons."""
    goldens = [(None, None), *product(values, (*SYSTEMS, sides.DECISION, ""))]
    golden = np.array(goldens * 2 + [(None, None)] * 4, dtype=object)[dice.integers(0, 2 * len(goldens) + 4, count)]
    columns: dict[str, Any] = {"golden": golden[:, 0], "golden_from": golden[:, 1]}
    said = held(values)
    for system in SYSTEMS:
        rows = said[dice.integers(0, len(said), count)]
        columns |= {f"{system}{part}": rows[:, n] for n, part in enumerate(PARTS)}
        if system != ALOWARE:
            columns[f"{system}_speaks"] = pd.notna(rows[:, 0])  # a CRM always has authority over what it holds
        minutes = pd.Series(pd.to_timedelta(dice.integers(0, 9, count), unit="min"))
        columns[f"{system}_at"] = (START + minutes).mask(dice.random(count) < 0.2)
    table = pd.DataFrame(columns, index=pd.RangeIndex(count, name="person"))
    table["inherited"] = dice.random(count) < 0.1
    answers = np.array(values if values is LETTERS else ("true",), dtype=object)  # nobody decides a no
    table["decided"] = np.where(dice.random(count) < 0.1, answers[dice.integers(0, len(answers), count)], None)
    flags = tuple(part for part in PARTS if part in ("_speaks", "_writable", "_paused"))
    text = [c for c in table if c != "inherited" and not str(c).endswith((*flags, "_at"))]
    return table.astype(dict.fromkeys(text, "str") | {c: "bool" for c in table if str(c).endswith(flags)})


def compared(seed: int, count: int) -> Iterator[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """Each cell with what both implementations make of it; `count` of them for each way to decide a field."""
    for n, (field, drift) in enumerate(FIELDS):
        table = cells(np.random.default_rng((seed, n)), count, WORDS if field.type == "consent" else LETTERS)
        decided = resolve.decide(table, field, drift, TOLERANCE).to_dict("records")
        for cell, found in zip(table.to_dict("records"), decided, strict=True):
            plain = {str(name): None if pd.isna(value) else value for name, value in found.items()}
            yield f"{field} {drift}", cell, plain, reference.decide(cell, field, drift, TOLERANCE)


def agree(seed: int, total: int) -> None:
    seen = 0
    for rules, cell, found, expected in compared(seed, -(-total // len(FIELDS))):
        assert found == expected, (rules, cell)
        seen += 1
    assert seen >= total


def test_every_cell_is_decided_as_the_table_says() -> None:
    """`resolve.decide` on whole columns says what the plain reference says of each of their cells."""
    agree(seed=1, total=10_000)


@pytest.mark.deep
def test_two_hundred_thousand_cells_are_decided_as_the_table_says() -> None:
    """The same, under every rule, blank rule, order and drift rule, until rare coincidences have happened, too."""
    agree(seed=2, total=200_000)


@pytest.mark.parametrize("rule", ["priority", "recency", "rank", "hold"])
@pytest.mark.parametrize("kind", ["text", "consent"])
def test_a_field_that_nobody_has_is_decided_without_complaint(rule: str, kind: str) -> None:
    """No people, no decisions, and no error."""
    nobody = cells(np.random.default_rng(0), 1, LETTERS).iloc[:0]
    assert resolve.decide(nobody, Field(rule=rule, type=kind)).empty
