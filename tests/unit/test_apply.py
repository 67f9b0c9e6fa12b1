"""Carrying out a plan: how many changes stand between a look and its writes."""

from dataclasses import replace

import pytest

from tasks.core.plan import CHANGES
from tasks.core.planning import apply
from tests.unit.ledgers import table
from tests.unit.sample_plans import PERSON, PHONE, sample


@pytest.mark.parametrize(
    ("system", "object_name", "windows"), [("salesforce", "Contact", [1000]), ("aloware", "contacts", [200] * 5)]
)
def test_a_look_covers_as_many_changes_as_it_is_worth(system: str, object_name: str, windows: list[int]) -> None:
    """One call looks at 2,000 records of Salesforce, so that 1,000 updates need one; Aloware's are looked up singly."""
    rows = [
        (f"c{n}", system, object_name, f"{n}", PERSON, "update", PHONE, "edited elsewhere", "edit") for n in range(1000)
    ]
    plan = replace(sample(), changes=table(CHANGES, rows))
    assert [(name, len(heads)) for name, heads in apply.batches(plan)] == [(system, size) for size in windows]
