"""What is said of records that were deleted: their link ends, nobody else's data does, nobody creates them again."""

from collections.abc import Mapping

import pandas as pd

from tasks.core.match import Matching
from tasks.core.model import ALOWARE
from tasks.core.plan import QUARANTINE
from tasks.core.state import TOMBSTONE, State

DELETED = "deleted: unlinked, and not created again"
SILENT = "gone or renumbered: no contact answers to its number; unlinked, and not created again"


def report(matching: Matching, state: State, gone: Mapping[str, str]) -> pd.DataFrame:
    """Columns QUARANTINE: records whose link ends by this plan, and that live on in no other."""
    ending = matching.links[matching.links["role"] == TOMBSTONE]
    known = state.links["role"].reindex(ending.index)
    without_heir = ending.index.isin([ref for ref, heir in gone.items() if not heir])
    rows = ending[without_heir & known.ne(TOMBSTONE).to_numpy()]
    reason = rows["system"].map(lambda system: SILENT if system == ALOWARE else DELETED)
    return rows.assign(reason=reason)[list(QUARANTINE)].astype("str")
