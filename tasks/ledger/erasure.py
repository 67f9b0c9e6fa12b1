"""Erases a person from the database: every value of theirs goes, and what was counted stays.

Their rows of links, numbers, golden values, bases and settlements go; in plans, outbox and journal they become blank.
After that every text of every table is searched for their traces. Nothing can be put back, so nothing here asks twice:
doing it again after a crash ends the same.
"""

import sqlite3
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import inspect
from sqlalchemy.exc import DatabaseError

from tasks.core.errors import SettingsError
from tasks.core.traces import Traces
from tasks.ledger.db import Database, Transaction, stamp
from tasks.ledger.locating import matches, mentions
from tasks.ledger.people import EVERYBODY, touch
from tasks.ledger.statements import statement

# The statement for each person or record → the table that it erases from. Cells and writes are found by their changes.
BY_PERSON = {
    "erase_cells": "change_fields",
    "erase_writes": "outbox",
    "erase_changes": "changes",
    "erase_refused": "refused",
    "erase_conflicts": "conflicts",
    "erase_decisions": "decisions",
    "erase_history": "links_history",
    "erase_links": "links",
    "erase_numbers": "numbers",
    "erase_golden": "golden",
    "erase_people": "people",
}
BY_RECORD = {"erase_bases": "bases", "erase_quarantine": "quarantine"}


@dataclass(frozen=True)
class Erasure:
    database: Database

    def begin(self, traces: Traces, now: datetime) -> None:
        """Let no plan that tells of them be carried out any more, before the first value goes."""
        with self.database.writing() as transaction:
            self._end_plans(transaction, self._plans_of(transaction, traces), now)

    def finish(self, traces: Traces, now: datetime, who: str) -> dict[str, int]:
        """Erase them from every table, and journal that it was done; gives rows by table."""
        counts: Counter[str] = Counter()
        with self.database.writing() as transaction:
            if transaction.connection.dialect.name == "sqlite":
                transaction.connection.exec_driver_sql("PRAGMA secure_delete=ON")
            subject = traces.subject
            for person in sorted(subject.people):
                counts.update({table: transaction.run(name, person=person) for name, table in BY_PERSON.items()})
            for ref in sorted(subject.refs):
                counts.update({table: transaction.run(name, ref=ref) for name, table in BY_RECORD.items()})
            for word in sorted(subject.people | subject.refs):
                counts["settled"] += transaction.run("erase_settled", word=word)
            counts["journal"] += self._blank_entries(transaction, traces)
            counts["collisions"] += self._leave_claims(transaction, traces)
            for table, column, row in [*mentions(transaction, traces)]:
                counts[table] += self._leave_text(transaction, traces, table, column, row["found"])
            touch(transaction, [EVERYBODY], now)
            entry = {"who": who, "what": "forgot", "subject": "", "details": "{}"}
            transaction.run("insert_entry", at=stamp(now), run=None, **entry)
        return {table: count for table, count in counts.items() if count}

    def end_plan(self, plan: str, now: datetime) -> None:
        """Part of that plan is blank: it can't be carried out, undone or made again."""
        with self.database.writing() as transaction:
            self._end_plans(transaction, {plan}, now)

    def thin(self, now: datetime, plan: str = "", run: str = "") -> None:
        """What that plan, or that run's, was made from isn't whole any more: it can't be made again."""
        with self.database.writing() as transaction:
            transaction.run("thin_plan", id=plan, now=stamp(now))
            transaction.run("thin_run", run=run, now=stamp(now))

    def lost(self) -> Mapping[str, list[str]]:
        """Runs that can't be undone (`erased`) or made again (`thinned`) any more, oldest first."""
        with self.database.reading() as transaction:
            rows = transaction.rows("select_erased_plans")
        return {
            "erased": [row["run"] for row in rows if row["erased_at"]],
            "thinned": [row["run"] for row in rows if row["erased_at"] or row["thinned_at"]],
        }

    def compact(self) -> None:
        """Let go of the pages and logs in which what was erased still stands. Raises `SettingsError` when that can't be
        done now."""
        sqlite = self.database.engine.dialect.name == "sqlite"
        try:
            done = self._compact_sqlite() if sqlite else self._compact_postgresql()
        except (sqlite3.Error, DatabaseError):
            done = False
        if not done:
            raise SettingsError(
                "what was erased may still stand in free pages of the ledger, which can't be compacted now: stop "
                "whatever else uses it, see that the disk has room, and run the same command again"
            )

    def _compact_sqlite(self) -> bool:
        """Whether nothing is left in the log beside the file."""
        raw = self.database.engine.raw_connection()
        try:
            cursor = raw.cursor()
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy, *_ = cursor.fetchone() or (1,)
        finally:
            raw.close()
        return not busy

    def _compact_postgresql(self) -> bool:
        with self.database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            tables = sorted(inspect(connection).get_table_names())
            connection.exec_driver_sql(f"VACUUM (FULL) {', '.join(tables)}")
        return True

    def _plans_of(self, transaction: Transaction, traces: Traces) -> set[str]:
        """Plans in which they are: by person, by record, and wherever a row of a plan shows a trace."""
        plans = {
            row["plan"]
            for person in traces.subject.people
            for row in transaction.rows("select_plans_of", person=person)
        }
        for ref in traces.subject.refs:
            plans |= {row["plan"] for row in transaction.rows("select_quarantined_in", ref=ref)}
        return plans | {row["plan"] for _, _, row in mentions(transaction, traces) if "plan" in row}

    def _end_plans(self, transaction: Transaction, plans: Collection[str], now: datetime) -> None:
        for plan in sorted(plans):
            transaction.run("erase_plan", id=plan, now=stamp(now))

    def _leave_text(self, transaction: Transaction, traces: Traces, table: str, column: str, text: str) -> int:
        """That text without them; a row that is called so goes, for its name can't be blank."""
        keys = inspect(transaction.connection).get_pk_constraint(table)["constrained_columns"]
        name = "delete_trace" if column in keys else "update_trace"
        change = statement(name, table=table, column=f'"{column}"')
        values = {"old": text} | ({} if column in keys else {"new": traces.without(text)})
        return transaction.connection.execute(change, values).rowcount

    def _blank_entries(self, transaction: Transaction, traces: Traces) -> int:
        blank = statement("erase_entries", matches=matches(transaction))
        return transaction.connection.execute(blank, {"pattern": traces.pattern}).rowcount

    def _leave_claims(self, transaction: Transaction, traces: Traces) -> int:
        """Collisions stay those of the others."""
        select = statement("select_claims", matches=matches(transaction))
        claims = transaction.connection.execute(select, {"pattern": traces.pattern}).mappings().all()
        for claim in claims:
            phone, chosen = (None if traces.names(claim[name]) else claim[name] for name in ("phone", "chosen"))
            left = {"phone": phone, "records": traces.listed_without(claim["records"]), "chosen": chosen}
            transaction.run("update_claim", plan=claim["plan"], position=claim["position"], **left)
        return len(claims)
