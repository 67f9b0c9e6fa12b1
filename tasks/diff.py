"""Verbs: line everybody up, and set every side against its base."""

from collections.abc import Mapping

import pandas as pd

from tasks.core import lookups
from tasks.core.deciding import diff as core
from tasks.core.deciding import lineup
from tasks.core.deciding.lineup import Lineup
from tasks.core.frames import together
from tasks.core.matching import Matching
from tasks.core.model import Schema, Snapshot
from tasks.core.policy import Policy
from tasks.core.state import State
from tasks.engine import Engine
from tasks.orchestrate import task


@task
def line_up(matching: Matching, state: State, policy: Policy, schemas: Mapping[str, Schema]) -> Lineup:
    """Everybody whom the run looks at; see `deciding.lineup`."""
    return lineup.line_up(matching, state, policy, schemas)


@task
def diff(lineup: Lineup) -> dict[str, pd.DataFrame]:
    """Field → what each side says of everybody in that line; see `deciding.diff`."""
    return core.diff(lineup)


def diff_by(engine: Engine, lineup: Lineup) -> dict[str, pd.DataFrame]:
    """The same, part by part."""
    return together(engine.each(diff, lineup.parts(engine.parts)))


@task
def unconfirmed_numbers(snapshot: Snapshot, cells: Mapping[str, pd.DataFrame], matching: Matching) -> set[str]:
    """Numbers to look up because of what changed, in Aloware or about to; see `lookups.unconfirmed`."""
    return lookups.unconfirmed(cells, matching, snapshot.taken_at)
