"""Take a run back: its inverse as a plan of its own, through the same gate."""

from collections.abc import Mapping

from flows.apply import carry_out
from flows.held import with_approval
from flows.recover import recover
from tasks.core.evidence import Evidence
from tasks.core.plan import UNDO, Plan
from tasks.core.run import Asked, RunReport
from tasks.gate import gate
from tasks.normalise import normalise
from tasks.orchestrate import flow
from tasks.publish import publish_plan
from tasks.record import record_plan
from tasks.session import Session, open_session
from tasks.statuses import mirror_statuses
from tasks.undo import check_run, conclude_proposal, look_at_run, nobody, propose_undo, recall_run, without_rows


@flow(name="undo")
@with_approval
def undo(run_id: str) -> RunReport:
    """Put back what that run wrote, as far as it is still there, and golden with it. Raises UsageError for a run that
    can't be undone.

    Args:
        run_id: The run, as `tandem status` or its plan names it.
    """
    with open_session() as session:
        session.check_settings(session.connected())
        check_run(session, run_id)
        with session.run(UNDO) as run:
            statuses = mirror_statuses(session, run).ids
            plan = take_back(session, run, run_id, statuses)
            publish_plan(session, plan)
            return carry_out(session, plan, statuses)


def take_back(session: Session, run: str, run_id: str, statuses: Mapping[str, str]) -> Plan:
    """Recall, look, invert, judge, record."""
    recover(session, statuses)
    past, state, policy = recall_run(session, run_id), session.state(), session.policy
    snapshots = look_at_run(session, past, state)
    evidence = Evidence(state, policy, Asked(UNDO), statuses, snapshots)
    records = normalise(list(snapshots.values()), policy, statuses)
    proposal = propose_undo(past, evidence, records)
    proposal, verdict = gate(proposal, nobody(), records, without_rows(snapshots), {}, policy, initial=False)
    proposal, verdict = conclude_proposal(proposal, verdict, past, evidence, records)
    session.ledger.journal.append(session.now(), run, "tandem", "took back", run_id, {"changes": len(proposal.changes)})
    return record_plan(session, run, UNDO, proposal, verdict, [], state, state)
