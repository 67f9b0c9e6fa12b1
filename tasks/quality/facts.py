"""Checks of a whole set by a few numbers known of it.

Great Expectations hashes the frame that it validates, whatever it looks for (tooling fact sheet, G2). So the numbers
are counted in pandas, and it sees one row of them: the cost doesn't grow with the set.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from tasks.core.plan import Breaker, Finding
from tasks.quality.checked import Checked
from tasks.quality.expectations import failures

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation


@dataclass(frozen=True)
class Fact:
    """One number known of a set: its breaker, what is expected in words, the most it may be, and the rows behind it.

    A missing value expects nothing.
    """

    breaker: str
    expectation: str
    value: float
    limit: float
    rows: int


def check_facts(set_name: str, facts: Sequence[Fact]) -> Checked:
    """A finding that holds and a breaker `<set_name>.<breaker>` for every fact above its limit, in the facts' order."""

    def at_most() -> "list[Expectation]":
        from great_expectations.expectations import ExpectColumnValuesToBeBetween
        from great_expectations.expectations.metadata_types import FailureSeverity

        return [
            ExpectColumnValuesToBeBetween(
                column=fact.breaker,
                max_value=fact.limit,
                severity=FailureSeverity.CRITICAL,
                description=fact.expectation,
            )
            for fact in facts
        ]

    known = pd.DataFrame([{fact.breaker: fact.value for fact in facts}], dtype="float64")
    failing = {failure.column: failure.severity for failure in failures(known, at_most)}
    failed = [fact for fact in facts if fact.breaker in failing]
    return Checked(
        findings=tuple(Finding(set_name, f.expectation, failing[f.breaker], f.rows, holds=True) for f in failed),
        breakers=tuple(Breaker(f"{set_name}.{fact.breaker}", fact.value, fact.limit) for fact in failed),
    )
