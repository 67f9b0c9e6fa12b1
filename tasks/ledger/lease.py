"""The lease: one writer at a time. A writer that is gone leaves it to the next one.

On this host "gone" is seen at once: its process doesn't run, or that id is another process's by now, or the machine was
started anew. Of another host we only know how long ago it said that it was at work.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import RowMapping

from tasks.core.errors import LedgerBusy
from tasks.ledger import process
from tasks.ledger.db import Database, stamp

PATIENCE = timedelta(minutes=10)
NOBODY = {"host": "", "pid": 0, "run": "", "renewed_at": ""}


@dataclass(frozen=True)
class Lease:
    database: Database

    @contextmanager
    def held(self, run: str, now: datetime) -> Iterator[None]:
        """Hold the ledger for that run. Raises `LedgerBusy` while a writer that lives has it."""
        self._take(run, now)
        try:
            yield
        finally:
            with self.database.writing() as transaction:
                transaction.run("release_lease", run=run, **process.identity())

    def renew(self, run: str, now: datetime) -> None:
        """Say that the run is at work, at least every ten minutes. Raises `LedgerBusy` if another took its place."""
        with self.database.writing() as transaction:
            kept = transaction.run("renew_lease", run=run, now=stamp(now), **process.identity())
        if not kept:
            raise LedgerBusy(f"run {run} lost the ledger to another run; start it again")

    def holder(self, now: datetime) -> str | None:
        """The run that holds the ledger, if its writer lives."""
        with self.database.reading() as transaction:
            holder = transaction.one("select_lease")
        return holder["run"] if holder is not None and _lives(holder, now) else None

    def _take(self, run: str, now: datetime) -> None:
        mine = {**process.identity(), "run": run, "now": stamp(now)}
        while True:
            with self.database.reading() as transaction:
                holder = transaction.one("select_lease")
            if holder is not None and _lives(holder, now):
                raise LedgerBusy(_busy(holder))
            gone = {f"gone_{name}": (holder or NOBODY)[name] for name in NOBODY}
            with self.database.writing() as transaction:
                if transaction.run("take_lease", **mine, **gone):
                    return


def _lives(holder: RowMapping, now: datetime) -> bool:
    if holder["host"] == process.host():
        return holder["boot"] == process.boot() and process.lives(holder["pid"], holder["started"])
    return now - datetime.fromisoformat(holder["renewed_at"]) <= PATIENCE


def _busy(holder: RowMapping) -> str:
    host = holder["host"].partition("/")[0]
    return (
        f"another run holds the ledger: {holder['run']} on {host} (process {holder['pid']}) "
        f"since {datetime.fromisoformat(holder['since']):%Y-%m-%dT%H:%M:%SZ}; wait for it or end that process"
    )
