"""What people answered to conflicts: asked from the latest plans, kept with author and reason until a run took it."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
import pandas as pd

from tasks.core.answers import Decision, Question
from tasks.core.state import OVERTAKEN
from tasks.ledger import wide
from tasks.ledger.db import Database, Transaction, stamp


@dataclass(frozen=True)
class Decisions:
    database: Database

    def asked(self, ids: Collection[str], fields: Sequence[str]) -> dict[str, Question]:
        """Those conflicts, by id, as the latest plan that has each tells them; `fields` are the policy's. Ids that no
        plan knows are left out."""
        with self.database.reading() as transaction:
            rows = {row["id"]: row for row in transaction.rows("select_latest_conflicts")}
            older = (transaction.one("select_conflict", id=conflict) for conflict in sorted(set(ids) - set(rows)))
            rows |= {row["id"]: row for row in older if row is not None}
            golden = wide.read(transaction, "golden", [*fields, *(f"{name}_run" for name in fields)])
            runs = pd.unique(golden[[f"{name}_run" for name in fields]].to_numpy().ravel())
            began = {run: _began(transaction, run) for run in runs if not pd.isna(run)}
        return {
            conflict: Question(
                id=conflict,
                person=row["person"],
                field=row["field"],
                sides=json.loads(row["sides"]),
                golden=_value(golden, row["person"], row["field"]),
                plan=row["plan"],
                decided=began.get(_value(golden, row["person"], f"{row['field']}_run"), "") > row["created_at"],
            )
            for conflict, row in rows.items()
            if conflict in ids
        }

    def record(self, decisions: Sequence[Decision], who: str, reason: str, now: datetime) -> None:
        """Keep decisions for the next run, and journal each; all of them, or none. An earlier answer that no run took
        into account yet is replaced."""
        at = {"who": who, "reason": reason, "now": stamp(now)}
        rows = [_row(decision) | at for decision in decisions]
        with self.database.writing() as transaction:
            transaction.many("replace_decision", rows)
            transaction.many("insert_decision", rows)
            transaction.many("insert_entry", (_entry(decision, who, reason, now) for decision in decisions))

    def pending(self) -> frozenset[tuple[str, str]]:
        """(person, field) of what is decided and no run has taken into account yet."""
        with self.database.reading() as transaction:
            return frozenset((row["person"], row["field"]) for row in transaction.rows("select_decisions"))


def end(transaction: Transaction, decided: pd.DataFrame, run: str, now: datetime) -> None:
    """Decisions (columns DECIDED) that a run has taken into account, or found overtaken, which is journalled."""
    transaction.each("take_decision", decided, {"run": run})
    transaction.many("insert_entry", _overtaken(decided, run, now))


def _began(transaction: Transaction, run: str) -> str:
    head = transaction.one("select_run", id=run)
    return head["started_at"] if head else ""


def _value(golden: pd.DataFrame, person: str, field: str) -> str | None:
    """What was decided last, missing as None."""
    if person not in golden.index or field not in golden.columns:
        return None
    known = golden.loc[[person], field].dropna()
    return None if known.empty else str(known.iloc[0])


def _row(decision: Decision) -> dict[str, object]:
    asked = decision.question
    sides = json.dumps(dict(asked.sides), sort_keys=True)
    return {"person": asked.person, "field": asked.field, "value": decision.value, "sides": sides, "plan": asked.plan}


def _entry(decision: Decision, who: str, reason: str, now: datetime) -> dict[str, object]:
    details = {"reason": reason, "plan": decision.question.plan}
    return _journalled(now, None, who, "decided", decision.question.id, details)


def _overtaken(decided: pd.DataFrame, run: str, now: datetime) -> Iterator[dict[str, object]]:
    for row in decided[decided["ending"] == OVERTAKEN].itertuples():
        yield _journalled(now, run, "tandem", OVERTAKEN, f"{row.person}/{row.field}", {})


def _journalled(
    now: datetime, run: str | None, who: str, what: str, subject: str, details: dict[str, str]
) -> dict[str, object]:
    told = msgspec.json.encode(details).decode()
    return {"at": stamp(now), "run": run, "who": who, "what": what, "subject": subject, "details": told}
