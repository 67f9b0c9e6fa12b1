"""First of all: end what a run that was killed left open."""

from collections.abc import Mapping

from tasks.conclude import conclude
from tasks.core.model import Snapshot
from tasks.echo import learn_late, leave_open, settle_intents
from tasks.record import record_outcome
from tasks.session import Session
from tasks.write import read_back


def recover(session: Session, statuses: Mapping[str, str], snapshots: Mapping[str, Snapshot] | None = None) -> None:
    """Conclude plans whose run was killed as if the run had stopped writing there, and learn of writes that turn out to
    have taken effect. `statuses`, `snapshots`: see `settle_intents`."""
    for left in settle_intents(session, statuses, snapshots):
        result = conclude(session, left.plan, left.outcomes, read_back(session, left.plan, left.outcomes, statuses))
        if left.killed:
            with session.ledger.together():
                record_outcome(session, left.plan, left.outcomes, result)
                leave_open(session, left.plan)
        else:
            learn_late(session, left, result)
