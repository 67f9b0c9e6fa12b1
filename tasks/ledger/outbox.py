"""The outbox: a write is in it before the system is asked, and its answer right after. What is between, is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import RowMapping

from tasks.core.model import CRMS, Change, Outcome, Receipt
from tasks.ledger.db import Database, stamp

UNKNOWN = (None, Outcome.FAILED)  # how a write ended


@dataclass(frozen=True)
class Intent:
    """A write that we asked for, or were about to; `outcome` is None while nobody knows how it ended."""

    run: str
    plan: str
    change: Change
    intended_at: datetime
    outcome: Outcome | None = None
    reason: str = ""


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

    def begun(self) -> dict[str, str]:
        """Plan → run of all that was begun to be carried out by a run that never finished, oldest first."""
        with self.database.reading() as transaction:
            return {row["plan"]: row["run"] for row in transaction.rows("select_begun_plans")}

    def of_plan(self, plan_id: str) -> list[Intent]:
        """The writes of that plan so far; a create that was answered carries the record id that it was given."""
        with self.database.reading() as transaction:
            return [_intent(row) for row in transaction.rows("select_writes_of_plan", plan=plan_id)]

    def doubtful_creates(self, plan_id: str) -> list[str]:
        """CRM creates of that plan of which nobody knows whether they happened."""
        return [
            intent.change.id
            for intent in self.of_plan(plan_id)
            if intent.change.system in CRMS and intent.change.kind == "create" and intent.outcome in UNKNOWN
        ]

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
    return Intent(
        row["run"], row["plan"], change, datetime.fromisoformat(row["intended_at"]), outcome, row["reason"] or ""
    )
