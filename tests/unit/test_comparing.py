"""Two plans side by side: what only one of them says, and what both say otherwise."""

from dataclasses import replace

import pandas as pd

from tasks.core.plan import QUARANTINE
from tasks.core.planning.comparing import DIFFERENCES, differences
from tests.unit.ledgers import table
from tests.unit.sample_plans import EMAIL, PERSON, nothing, sample


def rows(found: pd.DataFrame) -> list[tuple[str, ...]]:
    return [tuple(row) for row in found.fillna("").itertuples(index=False, name=None)]


def test_a_plan_differs_in_nothing_from_itself() -> None:
    """Nor does one whose changes are merely numbered otherwise."""
    renumbered = {"c1": "c7", "c2": "c9"}
    plan = sample()
    other = replace(
        plan,
        changes=plan.changes.assign(id=plan.changes["id"].map(renumbered)),
        cells=plan.cells.assign(change=plan.cells["change"].map(renumbered)),
    )
    assert rows(differences(plan, plan)) == rows(differences(plan, other)) == []


def test_what_one_plan_says_alone_is_told_with_all_it_says() -> None:
    """Changes, refusals, conflicts, collisions and quarantine, in that order."""
    found = differences(sample(), nothing())
    assert tuple(found.columns) == DIFFERENCES
    assert list(found["what"].unique()) == ["change", "would fail", "conflict", "collision", "quarantine"]
    assert found["now"].isna().all()
    assert differences(nothing(), sample())["now"].tolist() == found["then"].tolist()


def test_another_value_or_rule_is_told_beside_the_first() -> None:
    """One row a cell that comes out otherwise; the others stay silent."""
    plan = sample()
    after = plan.cells["after"].mask(plan.cells["field"] == "email", "else@example.com")
    (row,) = rows(differences(plan, replace(plan, cells=plan.cells.assign(after=after))))
    place = "salesforce:Contact:003A"
    assert row[:4] == ("change", place, PERSON, "Email")
    assert row[4:] == (f"(blank) → {EMAIL} (edit)", "(blank) → else@example.com (edit)")
    rule = plan.changes["rule"].mask(plan.changes["id"] == "c2", "rank")
    (row,) = rows(differences(plan, replace(plan, changes=plan.changes.assign(rule=rule))))
    assert row[4:] == (f"(blank) → {EMAIL} (edit)", f"(blank) → {EMAIL} (rank)")


def test_a_record_that_is_left_out_for_two_reasons_is_one_row() -> None:
    plan = nothing()
    twice = [("hubspot", "contacts", "9", "no phone"), ("hubspot", "contacts", "9", "no e-mail")]
    (row,) = rows(differences(plan, replace(plan, quarantine=table(QUARANTINE, twice))))
    assert (row[1], row[5]) == ("hubspot:contacts:9", "no phone; no e-mail")
