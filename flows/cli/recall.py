"""What the ledger adds to a plan for those who read it: people's names, and since when something is reported."""

from flows.cli.plan_view import Told
from tasks.core import render
from tasks.core.errors import UsageError
from tasks.core.plan import ONE_TIME, UNDO, Plan
from tasks.session import open_session


def told(plan: Plan) -> Told:
    """The plan with the names of its people, from the plan itself and, where it doesn't say, from the ledger."""
    people = sorted({*plan.changes["person"].dropna(), *plan.conflicts["person"].dropna()})
    with open_session(read_only=True) as session:
        return Told(plan, session.names(plan, people))


def since(plan: Plan) -> render.Since:
    """When the plan's conflicts and refusals were first seen."""
    if plan.conflicts.empty and plan.refused.empty:
        return render.Since()
    with open_session(read_only=True) as session:
        plans = session.ledger.plans
        return render.Since(plans.conflicts_since(plan.id), plans.refused_since(plan.id))


def decided() -> frozenset[tuple[str, str]]:
    """(person, field) of conflicts that a person answered and no run has taken into account yet."""
    with open_session(read_only=True) as session:
        return session.ledger.decisions.pending()


def stored(plan_id: str) -> tuple[Plan, str]:
    """That plan and how it stands. Raises UsageError when there is none."""
    with open_session(read_only=True) as session:
        return session.ledger.plans.shown(plan_id)


def latest() -> Plan:
    """The plan made last, of those that decide. Raises UsageError when there is none."""
    with open_session(read_only=True) as session:
        heads = [head for head in session.ledger.plans.recent() if head.mode not in (ONE_TIME, UNDO)]
        if not heads:
            raise UsageError("There is no plan yet: `tandem plan` makes one.")
        return session.ledger.plans.shown(heads[0].id)[0]
