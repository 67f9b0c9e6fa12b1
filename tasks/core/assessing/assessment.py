"""An assessment: all that an operator is told of the systems before the first write."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tasks.core.assessing.costs import Cost
from tasks.core.assessing.written import Written
from tasks.core.plan import Plan


@dataclass(frozen=True)
class Assessment:
    """What a first run would plan (a `plan` that isn't stored and can't be applied), and what stands in its way.

    `inventory` and `problems` as those modules give them, `now` what it would write with the directions as they are,
    and `opened` with every scope two-way (None: they are). `price` is in dollars, for `new_numbers` that Aloware
    doesn't know yet.
    """

    plan: Plan
    inventory: pd.DataFrame
    problems: pd.DataFrame
    now: Written
    opened: Written | None
    costs: tuple[Cost, ...]
    new_numbers: int
    price: float


def told(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A frame's rows, for those who know no frames."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def counts(problems: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """Problem → how many records have it, and of how many owners those are."""
    record = problems["system"] + problems["object"] + problems["record_id"]
    told = problems.assign(record=record).groupby("problem", sort=False)
    return {str(name): (int(rows["record"].nunique()), int(rows["owner"].nunique())) for name, rows in told}


def conflicts_of(plan: Plan) -> list[tuple[str, str, str, int]]:
    """Field, who wins (""; nobody), by which rule, how often; the most frequent first."""
    columns = (plan.conflicts[name].fillna("") for name in ("field", "winner", "rule"))
    counted = Counter(zip(*columns, strict=True))
    return [(str(field), str(winner), str(rule), number) for (field, winner, rule), number in counted.most_common()]
