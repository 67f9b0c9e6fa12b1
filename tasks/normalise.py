"""Verb: bring snapshots into one canonical frame."""

from collections.abc import Mapping, Sequence

import pandas as pd

from tasks.core import normalise as core
from tasks.core.model import Snapshot
from tasks.core.policy import Policy
from tasks.engine import Engine
from tasks.orchestrate import task


@task
def normalise(snapshots: Sequence[Snapshot], policy: Policy, statuses: Mapping[str, str]) -> pd.DataFrame:
    """Records of all systems in canonical form; see `core.normalise`."""
    return core.normalise(snapshots, policy, statuses)


def normalise_by(
    engine: Engine, snapshots: Sequence[Snapshot], policy: Policy, statuses: Mapping[str, str]
) -> pd.DataFrame:
    """The same, part by part."""
    return core.together(engine.each(normalise, core.parts(snapshots, engine.parts), policy, statuses))
