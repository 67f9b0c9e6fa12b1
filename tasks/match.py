"""Verb: say who is who."""

from collections.abc import Sequence

import pandas as pd

from tasks.core.identity import match as core
from tasks.core.matching import Matching
from tasks.core.model import Snapshot
from tasks.core.policy import Policy
from tasks.core.state import State
from tasks.orchestrate import task


@task
def match(records: pd.DataFrame, state: State, snapshots: Sequence[Snapshot], policy: Policy) -> Matching:
    """Records with their people, roles, collisions and quarantine; see `identity.match`."""
    gone = {ref: heir for snapshot in snapshots for ref, heir in snapshot.gone.items()}
    return core.match(records, state, gone, policy)
