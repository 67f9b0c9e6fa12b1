"""Verb: say how far the systems are from what was decided. Nothing is written, and no plan is stored."""

from dataclasses import dataclass, field, replace

from tasks.core.evidence import inputs
from tasks.core.explaining.drift import Alarm, alarm
from tasks.core.model import reference
from tasks.core.plan import Plan
from tasks.core.planning.drawing import drawn
from tasks.core.planning.forecast import forecast
from tasks.core.planning.sight import Thought
from tasks.core.run import Calls
from tasks.ledger.snapshots import digest
from tasks.orchestrate import task
from tasks.session import Session


@dataclass(frozen=True)
class Verified:
    """What a run would do now (a plan that isn't stored and can't be applied), and how that is counted."""

    plan: Plan
    alarm: Alarm
    api_calls: Calls = field(default_factory=dict)

    @property
    def converged(self) -> bool:
        """Whether the next plan would be empty."""
        return self.plan.changes.empty


@task
def raise_alarm(session: Session, run: str, thought: Thought) -> Verified:
    """Count what departs; the run is over."""
    evidence, now = thought.evidence, session.now()
    digests = {system: digest(snapshot) for system, snapshot in evidence.snapshots.items()}
    made_from = inputs(evidence.policy, digests, thought.seen.known)
    plan = drawn(thought.proposal, thought.verdict, run, "verify", now, made_from)
    costs = {system: session.connector(system).forecast for system in session.active()}
    plan = replace(plan, forecast=forecast(plan, evidence.state, evidence.policy, costs))
    verified = Verified(plan, alarm(thought, _unsettled(session)), session.calls())
    session.ledger.runs.finish(run, "converged" if verified.converged else "drifted", now)
    return verified


def _unsettled(session: Session) -> set[str]:
    """Records that an interrupted run wrote, and nobody knows yet how that ended."""
    changes = [intent.change for intent in session.ledger.outbox.open_intents()]
    return {reference(change.system, change.object, change.record_id or "") for change in changes}
