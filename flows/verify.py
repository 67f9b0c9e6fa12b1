"""The drift alarm: a whole look at everything, which changes nothing, neither there nor here."""

from flows.plan import consider, known, look
from tasks.core.run import Asked
from tasks.orchestrate import flow
from tasks.session import open_session
from tasks.statuses import mirror_statuses
from tasks.verify import Verified, raise_alarm


@flow(name="verify")
def verify() -> Verified:
    """Compare every record with what was decided. No system is written, no plan is stored, no held plan superseded."""
    with open_session(read_only=True) as session:
        session.check_settings(session.connected())
        run = session.ledger.runs.begin("verify", session.now())
        with session.ledger.lease.held(run, session.now()):
            statuses = mirror_statuses(session)
            snapshots = look(session, full=True)
            evidence = known(session, Asked("verify"), snapshots, statuses.ids, statuses.findings)
            return raise_alarm(session, run, consider(session, evidence))
