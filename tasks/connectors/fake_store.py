"""Hands, make-believe: the records behind the fake, and how they become frames."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pandas as pd

from tasks.connectors.frames import TIMES
from tasks.core.model import EDITED


@dataclass
class Record:
    """One record; a value that isn't in `values` is null."""

    id: str
    values: dict[str, str]
    created_at: datetime
    modified_at: datetime
    edition: int
    converted_to: str | None = None
    edited: dict[str, datetime] = field(default_factory=dict)  # when each value was entered


@dataclass
class Store:
    """Records by object and id, deletions by edition, and a clock that moves a second with everything that happens."""

    now: datetime
    objects: dict[str, dict[str, Record]] = field(default_factory=dict)
    gone: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    edition: int = 0

    def tick(self) -> datetime:
        self.edition += 1
        self.now += timedelta(seconds=1)
        return self.now

    def put(self, object_name: str, record_id: str, values: Mapping[str, str | None]) -> Record:
        """Create the record (or restore a deleted one), or bring it to these values; None and "" are null."""
        now = self.tick()
        records = self.objects.setdefault(object_name, {})
        record = records.get(record_id)
        if record is None:
            record = records[record_id] = Record(record_id, {}, now, now, self.edition)
            self.gone.pop((object_name, record_id), None)
        for name, value in values.items():
            if record.values.get(name, "") != (value or ""):
                record.edited[name] = now
            record.values.pop(name, None)
            if value:
                record.values[name] = value
        record.modified_at, record.edition = now, self.edition
        return record

    def remove(self, object_name: str, record_id: str, into: str) -> None:
        self.tick()
        del self.objects[object_name][record_id]
        self.gone[object_name, record_id] = (self.edition, into)

    def frame(self, records: Sequence[Record], properties: Sequence[str], extra: bool, as_of: datetime) -> pd.DataFrame:
        """What a snapshot promises; `extra`: with `converted_to`."""
        data: dict[str, list[str | None]] = {"record_id": [r.id for r in records]}
        data |= {name: [r.values.get(name) for r in records] for name in properties}
        if extra:
            data["converted_to"] = [r.converted_to for r in records]
        frame = pd.DataFrame({name: pd.array(values, dtype="str") for name, values in data.items()})
        for name in (n for n in properties if n.endswith(EDITED)):
            times = [r.edited.get(name.removesuffix(EDITED)) for r in records]
            frame[name] = pd.Series(times, dtype="datetime64[us, UTC]")
        for name in TIMES:
            frame[name] = pd.Series([getattr(r, name) for r in records], dtype="datetime64[us, UTC]")
        frame["as_of"] = pd.Series(as_of, index=frame.index, dtype="datetime64[us, UTC]")
        return frame
