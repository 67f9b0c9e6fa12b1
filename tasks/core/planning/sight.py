"""What a run sees before it decides: the snapshots, their records, whose those are, every side against its base."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from tasks.core.matching import Matching
from tasks.core.model import Schema, Snapshot


@dataclass(frozen=True)
class Sight:
    """`records` as `normalise` gives them, `people` as `match` does, `cells` as `diff` does (field → frame)."""

    snapshots: dict[str, Snapshot]
    records: pd.DataFrame
    people: Matching
    cells: Mapping[str, pd.DataFrame]

    @property
    def schemas(self) -> dict[str, Schema]:
        return {system: snapshot.schema for system, snapshot in self.snapshots.items()}

    @property
    def users(self) -> dict[str, Mapping[str, str]]:
        """System → its active users: id → e-mail."""
        return {system: snapshot.users for system, snapshot in self.snapshots.items()}
