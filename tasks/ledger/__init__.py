"""Memory: the only room that opens the database. It runs the statements of `sql/`, and keeps plans and pulls."""

from tasks.ledger.ledger import Ledger, open_ledger
from tasks.ledger.outbox import UNKNOWN, Intent
from tasks.ledger.plans import PlanHead
from tasks.ledger.runs import Run, new_id

__all__ = ["UNKNOWN", "Intent", "Ledger", "PlanHead", "Run", "new_id", "open_ledger"]
