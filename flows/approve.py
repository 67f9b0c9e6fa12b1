"""Let what the gate holds go, or drop it: a person's word, by name and with a reason. Nothing is written yet."""

from collections.abc import Sequence

from flows.apply import check_policy, over
from tasks.core.errors import UsageError
from tasks.core.plan import Plan
from tasks.core.planning.approval import approved, same_hold
from tasks.session import Session, open_session


def approve(plan_id: str, overrides: Sequence[str], reason: str, left_out: Sequence[str], who: str) -> Plan:
    """Lift those breakers of a held plan, except for the changes `left_out`; gives the plan that `apply` will take.

    A plan that was replaced by one that holds the very same is answered in that one. Raises UsageError for what can't
    be approved, PolicyError under another policy.
    """
    with open_session() as session, session.ledger.lease.held(f"approve {plan_id}", session.now()):
        plan, left_out = _waiting(session, plan_id, left_out)
        plan = approved(plan, overrides, left_out)
        session.ledger.plans.release(plan)
        details = {"overrides": sorted(overrides), "left_out": sorted(left_out), "reason": reason}
        session.ledger.journal.append(session.now(), plan.run, who, "approved", plan.id, details)
        return plan


def reject(plan_id: str, reason: str, who: str) -> Plan:
    """Drop what a held plan holds: nothing of it is written or learned. Raises as `approve` does."""
    with open_session() as session, session.ledger.lease.held(f"reject {plan_id}", session.now()):
        plan, _ = _waiting(session, plan_id, ())
        session.ledger.plans.mark(plan.id, "rejected")
        session.ledger.journal.append(session.now(), plan.run, who, "rejected", plan.id, {"reason": reason})
        return plan


def open_hold(plan_id: str) -> Plan | None:
    """The plan in which what that one holds, or held, waits for a person still; None where it doesn't."""
    with open_session(read_only=True) as session:
        try:
            plan, _ = _waiting(session, plan_id, ())
        except UsageError:
            return None
        return plan if plan.waits else None


def _waiting(session: Session, plan_id: str, changes: Sequence[str]) -> tuple[Plan, Sequence[str]]:
    """The plan that holds what that one held, and those of its changes by the ids that they have there."""
    plans = session.ledger.plans
    head = plans.head(plan_id)
    if head.status == "open":
        raise UsageError(f"Plan {plan_id} isn't held: `tandem apply {plan_id}` carries it out.")
    if head.status not in ("held", "superseded"):
        raise UsageError(over(session, head))
    check_policy(session, head)
    plan = plans.load(plan_id)
    if head.status == "held":
        return plan, changes
    latest = plans.recent(1)[0]
    if latest.status != "held":
        raise UsageError(over(session, head))
    holding = plans.load(latest.id)
    same = same_hold(plan, holding)
    if same is None:
        raise UsageError(
            f"Plan {plan_id} was replaced by {latest.id}, which holds something else: see `tandem show {latest.id}`."
        )
    return holding, [same.get(change, change) for change in changes]
