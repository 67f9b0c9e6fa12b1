"""Verbs: say whom to look at, and who is who."""

from collections.abc import Sequence

import pandas as pd

from tasks.core.identity import match as core
from tasks.core.looking import stirred
from tasks.core.matching import Matching
from tasks.core.model import Snapshot
from tasks.core.policy import Policy
from tasks.core.state import State
from tasks.orchestrate import task


@task
def stir(
    records: pd.DataFrame, state: State, snapshots: Sequence[Snapshot], policy: Policy
) -> tuple[pd.DataFrame, State]:
    """What there is of those whom this run looks at; see `looking.stirred`."""
    return stirred.stirred(records, state, _gone(snapshots), policy)


@task
def match(records: pd.DataFrame, state: State, snapshots: Sequence[Snapshot], policy: Policy) -> Matching:
    """Records with their people, roles, collisions and quarantine; see `identity.match`."""
    return core.match(records, state, _gone(snapshots), policy)


def _gone(snapshots: Sequence[Snapshot]) -> dict[str, str]:
    return {ref: heir for snapshot in snapshots for ref, heir in snapshot.gone.items()}
