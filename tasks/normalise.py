"""Verb: bring snapshots into one canonical frame."""

from collections.abc import Mapping, Sequence

import pandas as pd

from tasks.core import normalise as core
from tasks.core.evidence import Evidence
from tasks.core.model import Snapshot
from tasks.core.planning.sight import Sight
from tasks.core.policy import Policy
from tasks.engine import Engine
from tasks.orchestrate import task


@task
def normalise(snapshots: Sequence[Snapshot], policy: Policy, statuses: Mapping[str, str]) -> pd.DataFrame:
    """Records of all systems in canonical form; see `core.normalise`."""
    return core.normalise(snapshots, policy, statuses)


def normalise_by(engine: Engine, evidence: Evidence, before: Sight | None = None) -> pd.DataFrame:
    """The same of all records that count, part by part; of systems that say what they said `before`, the records are
    taken from there."""
    said = {} if before is None or evidence.part else before.snapshots
    fresh = [each for each in evidence.counting if said.get(each.system) is not each]
    found = engine.each(normalise, core.parts(fresh, engine.parts), evidence.policy, evidence.statuses)
    if before is not None and said:
        found.append(before.records[~before.records["system"].isin([each.system for each in fresh])])
    return core.together(found)
