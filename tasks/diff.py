"""Verb: set every side against its base."""

from collections.abc import Mapping

import pandas as pd

from tasks.core import diff as core
from tasks.core.match import Matching
from tasks.core.model import ALOWARE, Schema
from tasks.core.policy import Policy
from tasks.core.state import State
from tasks.orchestrate import task


@task
def diff(matching: Matching, state: State, policy: Policy, schemas: Mapping[str, Schema]) -> dict[str, pd.DataFrame]:
    """Field → what each side says of each person; see `core.diff`."""
    return core.diff(matching, state, policy, schemas)


@task
def doubtful_numbers(cells: Mapping[str, pd.DataFrame], matching: Matching) -> list[str]:
    """Numbers whose Aloware contact seems edited: that counts only once a look-up of this run has confirmed it."""
    refs: set[str] = set()
    for sides in cells.values():
        edited = sides[ALOWARE].notna() & sides[f"{ALOWARE}_base"].notna()
        edited &= sides[ALOWARE] != sides[f"{ALOWARE}_base"]
        refs |= set(sides.loc[edited, f"{ALOWARE}_ref"])
    return sorted(matching.records.loc[matching.records.index.isin(refs), "key"].dropna())
