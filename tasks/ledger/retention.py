"""Lets go of what is older than the policy keeps: snapshots, the files of plans and their evidence, reports, journal
lines.

Heads of runs and plans stay, with their changes and how they ended: what was counted can still be counted. What is old
is judged by the day, in UTC, so that of a day's runs only the first has anything to do.
"""

import shutil
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from tasks.core.policy import Retention as Days
from tasks.ledger.db import Database, stamp
from tasks.ledger.files import read_bytes


class Frames(msgspec.Struct):
    """Of a plan's evidence: the names of its frames, of what differs from them, and of whom it looked at."""

    frames: dict[str, str]
    changed: dict[str, str] = {}
    looked_at: str = ""


@dataclass(frozen=True)
class Retention:
    database: Database

    def prune(self, days: Days, now: datetime) -> dict[str, int]:
        """Let go of all that is due; says how many of what. Files that can't be deleted are left to the next run."""
        counts = Counter({"snapshots": 0, "plans": 0, "reports": 0, "journal": 0})
        if days.snapshots_days:
            counts["snapshots"] = self._snapshots(_since(now, days.snapshots_days))
        if days.plans_days:
            counts["plans"] = self._plans(_since(now, days.plans_days))
            counts["reports"] = self._reports(_since(now, days.plans_days))
        if days.journal_days:
            with self.database.writing() as transaction:
                counts["journal"] = transaction.run("delete_old_entries", before=_since(now, days.journal_days))
        return dict(counts)

    def _snapshots(self, before: str) -> int:
        with self.database.reading() as transaction:
            due = transaction.rows("select_old_snapshots", before=before)
        gone = [row for row in due if self._delete(self.database.home / row["path"])]
        with self.database.writing() as transaction:
            for row in gone:
                transaction.run("drop_snapshot", run=row["run"], system=row["system"])
        for run in {row["run"] for row in gone}:
            self._tidy(self.database.home / "snapshots" / run)
        return len(gone)

    def _plans(self, before: str) -> int:
        with self.database.reading() as transaction:
            due = transaction.rows("select_old_plans", before=before)
        gone = [row["id"] for row in due if self._delete(self.database.home / row["path"], self._evidence(row["id"]))]
        with self.database.writing() as transaction:
            for plan in gone:
                transaction.run("drop_plan", id=plan)
        if gone:
            self._frames()
        return len(gone)

    def _reports(self, before: str) -> int:
        """Reports that were made before then, and could be made again."""
        made = {path: path.stat().st_mtime for path in (self.database.home / "reports").glob("*.html")}
        old = [path for path, at in made.items() if stamp(datetime.fromtimestamp(at, UTC)) < before]
        return sum(self._delete(path) for path in old)

    def _evidence(self, plan: str) -> Path:
        return self.database.home / "evidence" / f"{plan}.json"

    def _frames(self) -> None:
        """Frames that no plan's evidence names any more."""
        folder = self.database.home / "evidence"
        named = {
            f"{name}.parquet"
            for plan in folder.glob("*.json")
            for kept in [msgspec.json.decode(read_bytes(plan), type=Frames)]
            for name in [*kept.frames.values(), *kept.changed.values(), kept.looked_at]
        }
        for path in (path for path in (folder / "frames").glob("*.parquet") if path.name not in named):
            self._delete(path)

    def _delete(self, *paths: Path) -> bool:
        """Whether none of them is there any more."""
        try:
            for path in paths:
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink(missing_ok=True)
        except OSError:
            return False
        return True

    def _tidy(self, folder: Path) -> None:
        if folder.is_dir() and not any(folder.iterdir()):
            self._delete(folder)


def _since(now: datetime, days: int) -> str:
    """The first moment that is kept."""
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return stamp(day - timedelta(days=days))
