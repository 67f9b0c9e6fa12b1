"""Digests: what happened since the last one, and what waits now, counted."""

from dataclasses import dataclass
from datetime import datetime

from tasks.core.digest import Digest, Done, Waiting
from tasks.ledger.db import Database, stamp

TOLD = "told in a digest"  # the journal's word for all that came before


@dataclass(frozen=True)
class Digests:
    database: Database

    def until(self, now: datetime) -> Digest:
        """What happened since the last one that was told, or ever, and what waits now."""
        with self.database.reading() as transaction:
            entry = transaction.one("select_latest_entry", what=TOLD)
            told = entry["at"] if entry is not None else None
            period = {"since": told or "", "until": stamp(now)}
            return Digest(
                since=datetime.fromisoformat(told) if told else None,
                until=now,
                runs=[(row["outcome"], row["number"]) for row in transaction.rows("select_digest_runs", **period)],
                done=[Done(**row) for row in transaction.rows("select_digest_done", **period)],
                waiting=[Waiting(**row) for row in transaction.rows("select_digest_waiting")],
            )

    def told(self, digest: Digest) -> None:
        """The next one begins where this one ends."""
        entry = {"run": None, "who": "tandem", "what": TOLD, "subject": "", "details": "{}"}
        with self.database.writing() as transaction:
            transaction.run("insert_entry", at=stamp(digest.until), **entry)
