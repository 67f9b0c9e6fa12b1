"""What a run sees before it decides: the ledger as it is believed, the records, whose those are, every side against its
base; and what it makes of that."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from tasks.core.evidence import Evidence
from tasks.core.matching import Matching
from tasks.core.model import Snapshot
from tasks.core.plan import Verdict
from tasks.core.planning.propose import Decisions, Proposal
from tasks.core.state import State


@dataclass(frozen=True)
class Sight:
    """`state` as `evidence.believed` gives it, `records` of the `snapshots` as `normalise` does; `known`, `people` (as
    `match` gives them) and `cells` (as `diff` does: field → frame) are of those alone whom the run looked at;
    `doubtful` are the numbers that Aloware's list can't be believed on."""

    snapshots: Mapping[str, Snapshot]
    state: State
    records: pd.DataFrame
    known: State
    people: Matching
    cells: Mapping[str, pd.DataFrame]
    doubtful: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Thought:
    """What a run came to: what it knew in the end, what it saw, how each field was decided, what it intends, and what
    the gate says to that."""

    evidence: Evidence
    seen: Sight
    decisions: Decisions
    proposal: Proposal
    verdict: Verdict
