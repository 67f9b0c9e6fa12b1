"""The journal: who did what to what, when. Lines are added and never changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from tasks.ledger.db import Database, stamp


@dataclass(frozen=True)
class Entry:
    """One line of history."""

    seq: int
    at: datetime
    run: str | None
    who: str
    what: str
    subject: str
    details: Mapping[str, object]


@dataclass(frozen=True)
class Journal:
    database: Database

    def append(
        self, now: datetime, run: str | None, who: str, what: str, subject: str, details: Mapping[str, object]
    ) -> None:
        with self.database.writing() as transaction:
            transaction.run(
                "insert_entry",
                at=stamp(now),
                run=run,
                who=who,
                what=what,
                subject=subject,
                details=msgspec.json.encode(dict(details)).decode(),
            )

    def entries(self, run: str | None = None) -> list[Entry]:
        """The history of that run, or all of it, in the order in which it was written."""
        with self.database.reading() as transaction:
            rows = transaction.rows("select_entries", run=run)
        return [
            Entry(**{**row, "at": datetime.fromisoformat(row["at"]), "details": msgspec.json.decode(row["details"])})
            for row in rows
        ]
