"""Answer conflicts: a decision is an edit with an author and a reason. The next run carries it out."""

from collections.abc import Sequence

from tasks.core.answers import Answer, Decision, Refusal, judge
from tasks.session import open_session


def decide(answers: Sequence[Answer], who: str, reason: str) -> tuple[list[Decision], list[Refusal]]:
    """Record what those answers decide; gives the decisions, and the answers that can't be taken with the reason."""
    with open_session() as session, session.ledger.lease.held("decide", session.now()):
        asked = session.ledger.decisions.asked({answer.conflict for answer in answers}, list(session.policy.fields))
        decisions, refusals = judge(answers, asked, session.policy, session.ledger.snapshots.schemas())
        session.ledger.decisions.record(decisions, who, reason, session.now())
        return decisions, refusals
