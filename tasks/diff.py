"""Verb: set every side against its base."""

from collections.abc import Mapping

import pandas as pd

from tasks.core import lookups
from tasks.core.deciding import diff as core
from tasks.core.matching import Matching
from tasks.core.model import Schema, Snapshot
from tasks.core.planning.restless import restless
from tasks.core.policy import Policy
from tasks.core.state import State
from tasks.orchestrate import task


@task
def diff(matching: Matching, state: State, policy: Policy, schemas: Mapping[str, Schema]) -> dict[str, pd.DataFrame]:
    """Field → what each side says of everybody of whom something may be decided anew; see `deciding.diff`."""
    return core.diff(matching, state, policy, schemas, restless(matching, state, policy))


@task
def unconfirmed_numbers(snapshot: Snapshot, cells: Mapping[str, pd.DataFrame], matching: Matching) -> set[str]:
    """Numbers to look up because of what changed, in Aloware or about to; see `lookups.unconfirmed`."""
    return lookups.unconfirmed(cells, matching, snapshot.taken_at)
