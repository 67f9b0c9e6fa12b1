"""Calls and messages: all that was heard of each, and what was logged of it where."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy import RowMapping

from tasks.core.communications.communication import Communication, adds, together
from tasks.core.communications.reading import Heard
from tasks.ledger.db import Database, Transaction, stamp

State = Literal["due", "waiting", "logged", "refused"]


@dataclass(frozen=True)
class Due:
    """A communication with something to log. `task` is its Task, if it has one, on the record `who`; `logged` the
    digest of what was written into it last; `asked_at` since when a create of its Task has had no answer."""

    communication: Communication
    task: str | None = None
    who: str | None = None
    logged: str | None = None
    asked_at: datetime | None = None


@dataclass(frozen=True)
class Ending:
    """What became of one; None leaves what is known. `unknown`: a create of its Task may have no answer yet."""

    id: str
    state: State
    reason: str = ""
    person: str | None = None
    who: str | None = None
    task: str | None = None
    logged: str | None = None
    unknown: bool = False


@dataclass(frozen=True)
class Communications:
    database: Database

    def learn(self, events: Sequence[tuple[int, datetime, Heard]]) -> None:
        """Take in what events of the inbox (number, when, what they say) turned out to be: all of it, or nothing."""
        with self.database.writing() as transaction:
            for seq, at, heard in events:
                if heard.communication is not None:
                    _add(transaction, heard.communication, at)
                contacts = ({"number": number, "at": stamp(at)} for number in heard.numbers)
                transaction.many("upsert_contact_heard", contacts)
                outcome = "forgotten" if heard.forgotten else heard.reason or "taken"
                transaction.run("read_post", seq=seq, outcome=outcome, kept=heard.reason)

    def add(self, parts: Iterable[Communication], now: datetime) -> int:
        """Take in what an export says; gives back how many of them told something that wasn't known."""
        with self.database.reading() as transaction:
            new = [part for part in parts if adds(part, _known(transaction, part.id))]
        with self.database.writing() as transaction:
            for part in new:
                _add(transaction, part, now)
        return len(new)

    def due(self) -> list[Due]:
        """What is to be logged, or waits for its person to appear."""
        with self.database.reading() as transaction:
            rows = transaction.rows("select_due_communications")
        return [_due(row) for row in rows]

    def begun(self) -> bool:
        """Whether any of them was logged ever."""
        with self.database.reading() as transaction:
            return bool(transaction.rows("select_logged"))

    def ask(self, ids: Iterable[str], now: datetime) -> None:
        """To be called before Salesforce is asked to create their Tasks; `settle` tells what it answered."""
        with self.database.writing() as transaction:
            transaction.many("ask_for_task", ({"id": id, "now": stamp(now)} for id in ids))

    def settle(self, endings: Iterable[Ending], run: str) -> None:
        with self.database.writing() as transaction:
            transaction.many("settle_communication", ({**vars(ending), "run": run} for ending in endings))


def _due(row: RowMapping) -> Due:
    asked_at = datetime.fromisoformat(row["asked_at"]) if row["asked_at"] else None
    return Due(together(_parts(row["parts"])), row["task"], row["who"], row["logged"], asked_at)


def _add(transaction: Transaction, part: Communication, now: datetime) -> None:
    known = _known(transaction, part.id)
    if part not in known:
        parts = msgspec.json.encode([*known, part]).decode()
        transaction.run("upsert_communication", id=part.id, parts=parts, now=stamp(now))


def _known(transaction: Transaction, id: str) -> list[Communication]:
    row = transaction.one("select_parts", id=id)
    return _parts(row["parts"]) if row is not None else []


def _parts(text: str) -> list[Communication]:
    return msgspec.json.decode(text, type=list[Communication])
