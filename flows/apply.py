"""Carry out exactly the plan that was stored, and prove what came of it."""

from collections.abc import Mapping
from dataclasses import replace

from flows.recover import recover
from tasks.conclude import conclude
from tasks.core.errors import PolicyError, UsageError
from tasks.core.plan import Plan
from tasks.core.planning.remainder import remainder
from tasks.core.policy import policy_digest
from tasks.core.run import RunReport, calls_since
from tasks.ledger import PlanHead
from tasks.orchestrate import flow, in_flow_run
from tasks.publish import publish_report, publish_run
from tasks.record import record_outcome
from tasks.session import Session, open_session
from tasks.statuses import mirror_statuses
from tasks.tell import keep_account, write_report
from tasks.write import read_back, write


@flow(name="apply")
def apply(plan_id: str) -> RunReport:
    """Write what is still true of that plan under the run that made it. Raises UsageError when it can't be applied."""
    return go_on_with(plan_id)


def go_on_with(plan_id: str) -> RunReport:
    """As `apply`, in whatever flow run is under way."""
    with open_session() as session:
        session.check_settings(session.connected())
        plan = pending(session, plan_id)
        with session.ledger.lease.held(plan.run, session.now()):
            statuses = mirror_statuses(session, plan.run).ids
            recover(session, statuses)
            session.ledger.runs.resume(plan.run)
            return carry_out(session, pending(session, plan_id), statuses)


def pending(session: Session, plan_id: str) -> Plan:
    """That plan, or what is left of it. Raises UsageError when it is over, PolicyError under another policy."""
    head = session.ledger.plans.head(plan_id)
    if head.status not in ("open", "held"):
        raise UsageError(over(session, head))
    check_policy(session, head)
    plan = session.ledger.plans.load(plan_id)
    return remainder(plan, session.ledger.plans.endings(plan_id)) if head.concluded else plan


def check_policy(session: Session, head: PlanHead) -> None:
    """Raises PolicyError for a plan that was made under another policy."""
    if head.policy != policy_digest(session.policy):
        raise PolicyError(f"Plan {head.id} was made under another policy: make a new one with `tandem plan`.")


def over(session: Session, head: PlanHead) -> str:
    """Why nothing can be done with that plan any more, and what to do instead."""
    latest = session.ledger.plans.recent(1)[0]
    if head.status == "superseded" and latest.status == "held":
        return f"Plan {head.id} was replaced by {latest.id}, which waits for a person: see `tandem show {latest.id}`."
    return f"Plan {head.id} is {head.status} already: make a new one with `tandem plan`."


def carry_out(session: Session, plan: Plan, statuses: Mapping[str, str]) -> RunReport:
    """Write, read back, conclude, record. `statuses`: disposition id → HubSpot's status."""
    before = session.calls()
    outcomes = write(session, plan, statuses)
    present = read_back(session, plan, outcomes, statuses)
    result = conclude(session, plan, outcomes, present)
    report = replace(record_outcome(session, plan, outcomes, result), spent=calls_since(before, session.calls()))
    keep_account(session, report)
    publish_run(session, report)
    if in_flow_run():
        publish_report(session, write_report(session, plan.run))
    return report
