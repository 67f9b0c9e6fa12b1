"""The inbox: events as they came, stored before anybody is answered, until they are read; and whom they are about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tasks.ledger.db import Database, stamp


@dataclass(frozen=True)
class Event:
    """One event that nobody has read yet; `text` is its JSON as it came."""

    seq: int
    at: datetime
    source: str
    text: str


@dataclass(frozen=True)
class Inbox:
    database: Database

    def keep(self, events: Iterable[tuple[str, datetime, str]]) -> None:
        """Store events (source, when, text): when this returns they outlive the process."""
        rows = ({"source": source, "at": stamp(at), "text": text} for source, at, text in events)
        with self.database.writing() as transaction:
            transaction.many("insert_post", rows)

    def unread(self, count: int = 10_000) -> list[Event]:
        """The oldest events that nobody has read."""
        with self.database.reading() as transaction:
            rows = transaction.rows("select_unread_posts", count=count)
        return [Event(row["seq"], datetime.fromisoformat(row["at"]), row["source"], row["text"]) for row in rows]

    def unread_span(self) -> tuple[int, int] | None:
        """The numbers of the first and the last event that nobody has read; None where all are read."""
        with self.database.reading() as transaction:
            (row,) = transaction.rows("select_unread_span")
        return None if row["first"] is None else (row["first"], row["last"])

    def contacts_heard(self) -> list[str]:
        """Numbers of contacts that something happened to since a run looked, as Aloware wrote them."""
        with self.database.reading() as transaction:
            return [row["number"] for row in transaction.rows("select_contacts_heard")]

    def looked_at(self, before: datetime) -> None:
        """A run has looked at every contact that was heard of before then."""
        with self.database.writing() as transaction:
            transaction.run("forget_contacts_heard", before=stamp(before))
