"""Would the systems be well after this plan? Checks of what a plan would write, before it is written."""

from typing import TYPE_CHECKING

import pandas as pd

from tasks.core.plan import Finding
from tasks.quality.checked import Checked, failing_cells
from tasks.quality.expectations import Failure, failures
from tasks.quality.facts import Fact, check_facts

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

PLAN = "plan"
E164 = r"^\+[1-9]\d{6,14}$"
EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"


def check_after_state(cells: pd.DataFrame, numbers: pd.DataFrame) -> Checked:
    """Check what the plan would leave behind; what was bad before it isn't blamed on it.

    `cells` has a row per planned cell: `change`, `system`, `object`, `field`, `type` (text, email, phone, status),
    `value` (canonical), `length` (the most characters, or missing), `allowed` (among the property's options, or there
    are none), `required`. A bad one is in `failing`; the rest may go on.
    `numbers` has a row per Aloware contact as it will be: `ref_or_change`, `phone`, `was_duplicate` (it shared its
    number before the plan). A number newly shared fails the set.
    """
    failed = failures(_facets(cells), _sentences, keys=("change", "field"))
    unique = check_facts(PLAN, [_duplicates(numbers)])
    return Checked(
        findings=(*(_finding(failure) for failure in failed), *unique.findings),
        failing=failing_cells(
            [(change, name, f"{name} {failure.notes}") for failure in failed for change, name in failure.keys]
        ),
        breakers=unique.breakers,
    )


def _sentences() -> "list[Expectation]":
    """The suite: what is expected, and what is said of a cell that fails it."""
    from great_expectations import expectations as expect
    from great_expectations.expectations.metadata_types import FailureSeverity

    return [
        expect.ExpectColumnValuesToMatchRegex(
            column="phone",
            regex=E164,
            severity=FailureSeverity.WARNING,
            description="phones are in E.164",
            notes="is no number in E.164",
        ),
        expect.ExpectColumnValuesToMatchRegex(
            column="email",
            regex=EMAIL,
            severity=FailureSeverity.WARNING,
            description="e-mails have an e-mail's shape",
            notes="has no e-mail's shape",
        ),
        expect.ExpectColumnValuesToBeBetween(
            column="excess",
            max_value=0,
            severity=FailureSeverity.WARNING,
            description="values fit the property's length",
            notes="is longer than the property allows",
        ),
        expect.ExpectColumnValuesToBeInSet(
            column="allowed",
            value_set=[True],
            severity=FailureSeverity.WARNING,
            description="values are among the property's options",
            notes="is not among the property's options",
        ),
        expect.ExpectColumnValuesToMatchRegex(
            column="required",
            regex=r"\S",
            severity=FailureSeverity.WARNING,
            description="required properties aren't blank",
            notes="is required and would be blank",
        ),
    ]


def _facets(cells: pd.DataFrame) -> pd.DataFrame:
    """A column per expectation, missing where it doesn't apply: missing values are never at fault, and a row condition
    would filter the frame anew for each of the expectation's metrics."""
    value = cells["value"].fillna("")
    filled = value != ""
    return pd.DataFrame(
        {
            "change": cells["change"],
            "field": cells["field"],
            "phone": value.where(filled & (cells["type"] == "phone")),
            "email": value.where(filled & (cells["type"] == "email")),
            "excess": (value.str.len() - cells["length"]).astype("float64"),
            "allowed": cells["allowed"].astype("bool") | ~filled,
            "required": value.where(cells["required"].astype("bool")),
        }
    )


def _duplicates(numbers: pd.DataFrame) -> Fact:
    held = numbers[numbers["phone"].fillna("") != ""]
    newly_shared = held.loc[held["phone"].duplicated(keep=False) & ~held["was_duplicate"].astype("bool"), "phone"]
    expectation = "no phone number gets a second Aloware contact"
    return Fact("duplicate-numbers", expectation, newly_shared.nunique(), 0, len(newly_shared))


def _finding(failure: Failure) -> Finding:
    return Finding(PLAN, failure.description, failure.severity, len(failure.keys))
