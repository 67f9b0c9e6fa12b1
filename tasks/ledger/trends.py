"""Trends: the last runs, counted, for whoever wants to see which way things go."""

from dataclasses import dataclass

from tasks.core.trend import Past
from tasks.ledger.db import Database


@dataclass(frozen=True)
class Trends:
    database: Database

    def until(self, plan_id: str, count: int) -> list[Past]:
        """The last `count` runs up to that plan's, oldest first. Plans that were made to be looked at, and that nobody
        applied, aren't among them."""
        with self.database.reading() as transaction:
            plans = transaction.rows("select_trend", plan=plan_id, count=count)
            return [
                Past(
                    run=row["run"],
                    mode=row["mode"],
                    at=row["created_at"],
                    changes={n["status"]: n["changes"] for n in transaction.rows("count_changes", plan=row["plan"])},
                    conflicts=row["conflicts"],
                    collisions=row["collisions"],
                    quarantine=row["quarantine"],
                )
                for row in reversed(plans)
            ]
