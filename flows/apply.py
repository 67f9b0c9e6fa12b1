"""Carry out exactly the plan that was stored, and prove what came of it."""

from collections.abc import Mapping
from dataclasses import replace

from tasks.conclude import conclude
from tasks.core.errors import UsageError
from tasks.core.plan import Plan
from tasks.core.run import RunReport, calls_since
from tasks.orchestrate import flow
from tasks.publish import publish_run
from tasks.record import record_outcome
from tasks.session import Session, open_session
from tasks.statuses import mirror_statuses
from tasks.write import read_back, write


@flow(name="apply")
def apply(plan_id: str) -> RunReport:
    """Write what is still true of that plan under the run that made it. Raises UsageError when it can't be applied."""
    with open_session() as session:
        session.check_settings(session.connected())
        status = session.ledger.plans.status(plan_id)
        if status not in ("open", "held"):
            raise UsageError(f"Plan {plan_id} is {status} already: make a new one with `tandem plan`.")
        plan = session.ledger.plans.load(plan_id)
        with session.ledger.lease.held(plan.run, session.now()):
            return carry_out(session, plan, mirror_statuses(session, plan.run).ids)


def carry_out(session: Session, plan: Plan, statuses: Mapping[str, str]) -> RunReport:
    """Write, read back, conclude, record. `statuses`: disposition id → HubSpot's status."""
    before = session.calls()
    outcomes = write(session, plan, statuses)
    present = read_back(session, plan, outcomes, statuses)
    result = conclude(session, plan, outcomes, present)
    report = replace(record_outcome(session, plan, outcomes, result), spent=calls_since(before, session.calls()))
    publish_run(report)
    return report
