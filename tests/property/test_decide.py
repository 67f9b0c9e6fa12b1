"""The table of decisions, held against a second implementation on tens of thousands of generated cells."""

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tasks.core import resolve
from tasks.core.model import ALOWARE, SYSTEMS
from tasks.core.policy import Field
from tests.property import reference

CELLS = 300  # of one example

# Few letters, so that values collide; None is "not held", "no base yet", "never decided", "not settled".
VALUES = (None, "", "A", "B", "C")
GOLDEN = [(None, None), *product(VALUES[1:], (*SYSTEMS, resolve.DECISION, ""))]
SAME = "the value itself"
PARTS = ("", "_base", "_speaks", "_writable", "_settled")
HELD = [
    (value, value if base is SAME else base, speaks, writable, settled)
    for value, base, speaks, writable, settled in product(
        VALUES[1:], (SAME, SAME, *VALUES), (True, False), (True, False), (None, None, "", "A")
    )
]
NOT_HELD = (None, None, False, False, None)
FIELDS = st.builds(
    Field,
    rule=st.sampled_from(["priority", "rank"]),
    blanks=st.sampled_from(["ignore", "fill-only", "clear"]),
    order=st.sampled_from([SYSTEMS, SYSTEMS[::-1], (ALOWARE,)]),
)


def cell(golden: int, *sides: int) -> dict[str, Any]:
    """What `diff.diff` may say of one field of one person, chosen by four numbers."""
    row = dict(zip(("golden", "golden_from"), GOLDEN[golden % len(GOLDEN)], strict=True))
    for system, side in zip(SYSTEMS, sides, strict=True):
        held = [NOT_HELD, *HELD][side % (1 + len(HELD))]
        row |= {f"{system}{part}": value for part, value in zip(PARTS, held, strict=True)}
        if system != ALOWARE:
            row[f"{system}_speaks"] = row[system] is not None  # a CRM always has authority over what it holds
    return row


def frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Cells as columns: flags, and text that may be missing."""
    table = pd.DataFrame(rows, index=pd.RangeIndex(len(rows), name="person"))
    return table.astype({c: "bool" if c.endswith(("_speaks", "_writable")) else "str" for c in table})


@settings(max_examples=80, deadline=None, derandomize=True, phases=[Phase.generate])
@given(st.integers(0, 2**32 - 1), FIELDS, st.sampled_from(["restore", "keep"]))
def test_every_cell_is_decided_as_the_table_says(seed: int, field: Field, drift: str) -> None:
    """`resolve.decide` on whole columns says what the plain reference says of each of their cells."""
    dice = np.random.default_rng(seed).integers(0, 2**32, size=(CELLS, 4)).tolist()
    rows = [cell(*numbers) for numbers in dice]
    decided = resolve.decide(frame(rows), field, drift).to_dict("records")
    for row, found in zip(rows, decided, strict=True):
        expected = reference.decide(row, field, drift)
        assert {name: None if pd.isna(value) else value for name, value in found.items()} == expected, row


@pytest.mark.parametrize("rule", ["priority", "rank"])
def test_a_field_that_nobody_has_is_decided_without_complaint(rule: str) -> None:
    """No people, no decisions, and no error."""
    assert resolve.decide(frame([cell(0, 0, 0, 0)]).iloc[:0], Field(rule=rule)).empty
