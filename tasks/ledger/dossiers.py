"""What the tables have of one person beside the state: what was planned, written, decided and said about them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tasks.core.explaining.dossier import Past, Row
from tasks.ledger import wide
from tasks.ledger.db import Database, Transaction
from tasks.ledger.journal import Journal

ANSWERS = ("approved", "rejected")


@dataclass(frozen=True)
class Dossiers:
    database: Database

    def past(self, people: Sequence[str], refs: Collection[str], fields: Sequence[str]) -> Past:
        """What is known of that person, whose records those are; the first of `people` is their id, the others of those
        who turned out to be them."""
        with self.database.reading() as transaction:
            links, writes, conflicts, decisions = (
                [dict(row) for person in people for row in transaction.rows(f"select_{name}_of", person=person)]
                for name in ("links", "writes", "conflicts", "decisions")
            )
            look = transaction.one("select_latest_look")
            plan = None if look is None else look["id"]
            refused, collisions, quarantine = (
                [dict(row) for row in transaction.rows(f"select_{part}", plan=plan)]
                for part in ("refused", "collisions", "quarantine")
            )
            rules = _rules(transaction, people[0], fields)
            known = {row["run"] for row in (*links, *writes, *conflicts)} | {run for _, run in rules.values() if run}
            runs = {run: row["started_at"] for run in known if (row := transaction.one("select_run", id=run))}
            settled = [dict(row) for ref in sorted(refs) for row in transaction.rows("select_settled_of", ref=ref)]
        return Past(
            links=links,
            writes=writes,
            conflicts=conflicts,
            decisions=decisions,
            settled=settled,
            refused=[row for row in refused if row["person"] in people],
            collisions=collisions,
            quarantine=quarantine,
            look=plan,
            rules=rules,
            runs=runs,
            said={run: self._said(run) for run in {row["run"] for row in writes}},
        )

    def quarantined(self, record_id: str) -> str | None:
        """Why the latest plan left that record out; None where it didn't."""
        with self.database.reading() as transaction:
            look = transaction.one("select_latest_look")
            rows = transaction.rows("select_quarantine", plan=look["id"]) if look is not None else ()
        return next((str(row["reason"]) for row in rows if row["record_id"] == record_id), None)

    def _said(self, run: str) -> list[Row]:
        """Who let that run's plan go, or dropped it, and why."""
        return [
            {
                "at": entry.at.isoformat(),
                "who": entry.who,
                "what": entry.what,
                "reason": entry.details.get("reason", ""),
                "overrides": entry.details.get("overrides", []),
            }
            for entry in Journal(self.database).entries(run)
            if entry.what in ANSWERS
        ]


def _rules(transaction: Transaction, person: str, fields: Sequence[str]) -> dict[str, tuple[str | None, str | None]]:
    """Field → the word for how golden was decided, and the run that decided it."""
    columns = [f"{name}_{what}" for name in fields for what in ("rule", "run")]
    golden = wide.read(transaction, "golden", columns)
    found = golden[golden.index == person].to_dict("records")
    known = {str(name): value for row in found for name, value in row.items() if isinstance(value, str)}
    return {name: (known.get(f"{name}_rule"), known.get(f"{name}_run")) for name in fields}
