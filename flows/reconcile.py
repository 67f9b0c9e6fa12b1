"""The main job: bring the systems to agree, and say what is left."""

from flows.apply import carry_out
from flows.held import with_approval
from flows.plan import draft, look
from tasks.core.run import Asked, RunReport
from tasks.orchestrate import flow
from tasks.publish import publish_plan
from tasks.retention import prune
from tasks.session import open_session
from tasks.statuses import mirror_statuses


@flow(name="reconcile")
@with_approval
def reconcile(full: bool = False, initial: bool = False) -> RunReport:
    """Plan, judge, write what isn't held, prove it.

    Args:
        full: Read every record, not only those that moved since the last run.
        initial: The first run over these systems: many creates and first sights are no reason to stop.
    """
    with open_session() as session:
        session.check_settings(session.connected())
        mode = "full" if full else "incremental"
        with session.run(mode) as run:
            statuses = mirror_statuses(session, run)
            snapshots = look(session, full)
            plan = draft(session, run, Asked(mode, initial, full=full), snapshots, statuses.ids, statuses.findings)
            publish_plan(session, plan)
            report = carry_out(session, plan, statuses.ids)
            prune(session)
            return report
