"""What a check answers. Findings and breakers for the verdict, cells for quarantine, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from tasks.core.plan import Breaker, Finding

FAILING = ("change", "field", "reason")


def failing_cells(rows: Sequence[tuple[str, str, str]] = ()) -> pd.DataFrame:
    """A frame of cells to quarantine, one row per cell and reason, all `str`."""
    return pd.DataFrame(list(rows), columns=list(FAILING)).astype("str")


@dataclass(frozen=True)
class Checked:
    """The expectations that failed.

    A failing row is in `failing` and holds nothing else up; a failing set is in `breakers`, and its finding holds.
    Reasons are in plain words and never repeat a value.
    """

    findings: tuple[Finding, ...] = ()
    failing: pd.DataFrame = field(default_factory=failing_cells)
    breakers: tuple[Breaker, ...] = ()
