"""Runs: when each began and ended, how, and which plan it made."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import RowMapping

from tasks.core.errors import UsageError
from tasks.ledger.db import Database, stamp


@dataclass(frozen=True)
class Run:
    """One run; `finished_at` and `outcome` are None while it is at work, and for ever if it was killed."""

    id: str
    mode: str
    started_at: datetime
    finished_at: datetime | None = None
    outcome: str | None = None
    plan: str | None = None


@dataclass(frozen=True)
class Runs:
    database: Database

    def begin(self, mode: str, now: datetime, run: str = "") -> str:
        """A new run's id; `run`: the one that it has already."""
        run = run or new_id(now)
        with self.database.writing() as transaction:
            transaction.run("insert_run", id=run, mode=mode, now=stamp(now))
        return run

    def resume(self, run: str) -> None:
        """A run that was over is at work again: a person let go what it had held."""
        with self.database.writing() as transaction:
            transaction.run("resume_run", id=run)

    def finish(self, run: str, outcome: str, now: datetime) -> None:
        with self.database.writing() as transaction:
            transaction.run("finish_run", id=run, outcome=outcome, now=stamp(now))

    def get(self, run: str) -> Run:
        """Raises `UsageError` when there is no such run."""
        with self.database.reading() as transaction:
            row = transaction.one("select_run", id=run)
        if row is None:
            raise UsageError(f"there is no run {run!r}; `tandem status` names the latest")
        return _run(row)

    def latest(self) -> Run | None:
        """The run that began last."""
        with self.database.reading() as transaction:
            row = transaction.one("select_latest_run")
        return None if row is None else _run(row)


def new_id(now: datetime) -> str:
    """A run's id: readable, and sorting by time."""
    return f"r{now.astimezone(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def _run(row: RowMapping) -> Run:
    finished = row["finished_at"]
    return Run(
        id=row["id"],
        mode=row["mode"],
        started_at=datetime.fromisoformat(row["started_at"]),
        finished_at=None if finished is None else datetime.fromisoformat(finished),
        outcome=row["outcome"],
        plan=row["plan"],
    )
