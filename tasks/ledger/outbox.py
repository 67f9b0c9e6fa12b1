"""The outbox: a write is in it before the system is asked, and its answer right after. What is between, is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import RowMapping

from tasks.core.model import Change, Outcome, Receipt
from tasks.ledger.db import Database, stamp


@dataclass(frozen=True)
class Intent:
    """A write that we asked for, or were about to; `outcome` is None while nobody knows how it ended."""

    run: str
    plan: str
    change: Change
    intended_at: datetime
    outcome: Outcome | None = None


@dataclass(frozen=True)
class Outbox:
    database: Database

    def intend(self, run: str, plan_id: str, changes: Sequence[Change], now: datetime) -> None:
        """To be called before the system is. A write that was already applied stays applied."""
        rows = (
            {
                "run": run,
                "plan": plan_id,
                "change": change.id,
                "system": change.system,
                "object": change.object,
                "record_id": change.record_id,
                "kind": change.kind,
                "phone": change.phone,
                "payload": msgspec.json.encode(dict(change.fields)).decode(),
                "now": stamp(now),
            }
            for change in changes
        )
        with self.database.writing() as transaction:
            transaction.many("upsert_intent", rows)

    def receive(self, run: str, plan_id: str, receipts: Sequence[Receipt], now: datetime) -> None:
        """To be called as soon as the system answered, or once a peek told how an open intent ended."""
        rows = (
            {
                "run": run,
                "plan": plan_id,
                "change": receipt.change,
                "outcome": receipt.outcome.value,
                "record_id": receipt.record_id,
                "reason": receipt.reason,
                "now": stamp(now),
            }
            for receipt in receipts
        )
        with self.database.writing() as transaction:
            transaction.many("receive", rows)

    def open_intents(self) -> list[Intent]:
        """Writes that no conclusion has taken into account, oldest first: without an answer, failed, or applied by a
        run that never finished. A create that was answered carries the record id that it was given.
        """
        with self.database.reading() as transaction:
            return [_intent(row) for row in transaction.rows("select_open_intents")]

    def creates_in_doubt(self, system: str, since: datetime) -> bool:
        """Whether a record may have been created there since, of which the ledger knows no id."""
        with self.database.reading() as transaction:
            return bool(transaction.rows("select_creates_in_doubt", system=system, since=stamp(since)))


def _intent(row: RowMapping) -> Intent:
    change = Change(
        id=row["change"],
        system=row["system"],
        object=row["object"],
        record_id=row["record_id"],
        kind=row["kind"],
        fields=msgspec.json.decode(row["payload"], type=dict[str, str]),
        phone=row["phone"],
    )
    outcome = None if row["outcome"] is None else Outcome(row["outcome"])
    return Intent(row["run"], row["plan"], change, datetime.fromisoformat(row["intended_at"]), outcome)
