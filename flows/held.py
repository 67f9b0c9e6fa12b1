"""A deployed run of which the gate holds something: it asks a person, gives back slot and lease, and goes on with the
answer. Anything else that is held ends with exit code 20, and waits for `tandem approve`."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec

from flows.apply import go_on_with, over
from flows.approve import approve, open_hold, reject
from tasks.core.errors import LedgerBusy, UsageError
from tasks.core.plan import Plan
from tasks.core.planning.approval import same_hold
from tasks.core.run import RunReport
from tasks.ledger import PlanHead
from tasks.orchestrate import ended, in_deployment, name_run
from tasks.session import Session, open_session

if TYPE_CHECKING:
    from tasks.asking import Question


P = ParamSpec("P")


def with_approval(sentence: Callable[P, RunReport]) -> Callable[P, RunReport]:
    """The same flow; a deployment's run of it asks what becomes of what is held.

    A suspended run begins again from its top when it is resumed, and then the sentence isn't spoken again: the plan
    that waits is loaded by the id in the key of its pause (`tasks.asking`). Approved: exactly that plan is applied.
    Rejected, or settled meanwhile in another way: the run ends and says so. An answer that can't be taken is asked for
    again.
    """

    @wraps(sentence)
    def asking_sentence(*args: P.args, **kwargs: P.kwargs) -> RunReport:
        if not in_deployment():
            return sentence(*args, **kwargs)
        from tasks import asking

        question = asking.asked()
        return _wait(sentence(*args, **kwargs)) if question is None else _go_on(question)

    return asking_sentence


def _wait(report: RunReport, turn: int = 1) -> RunReport:
    """Ask about what the run holds, unless another one asks the very same already."""
    from tasks import asking

    plan = report.plan
    with open_session(read_only=True) as session:
        same = _already_asked(session, plan)
    if not plan.waits:
        return report
    if same is not None:
        message = f"Plan {plan.id} holds what plan {same.plan} held: answer it in the run {same.run_name}."
        told: RunReport = ended("Held", message)
        return told
    asking.ask(plan, turn)


def _already_asked(session: Session, plan: Plan) -> "Question | None":
    """The run that asks what this plan would ask; those that ask about what isn't held any more, or can't be
    answered, are ended."""
    from tasks import asking

    found = None
    for question in asking.waiting():
        try:
            head = session.ledger.plans.head(question.plan)
        except UsageError:
            continue  # another ledger's
        if head.status == "held":
            continue
        same = head.status == "superseded" and plan.waits and _same(session, question.plan, plan)
        if same and asking.can_be_answered(question):
            found = question
        else:
            asking.withdraw(question, _over(session, head, plan))
    return found


def _over(session: Session, head: PlanHead, plan: Plan) -> str:
    """Why there is nothing to decide about that plan any more; `plan` is that of the run under way."""
    if head.status == "superseded" and not plan.waits:
        return f"Plan {head.id} was replaced by {plan.id}, of which nothing is held."
    return over(session, head)


def _same(session: Session, old: str, plan: Plan) -> bool:
    try:
        return same_hold(session.ledger.plans.load(old), plan) is not None
    except UsageError:  # it isn't kept whole any more
        return False


def _go_on(question: "Question") -> RunReport:
    """Take the answer, and do what it says."""
    from tasks import asking

    answer = asking.answer(question)
    try:
        if answer.decision == asking.REJECT:
            plan = reject(question.plan, answer.reason, answer.who)
        else:
            plan = approve(question.plan, answer.overrides, answer.reason, answer.left_out, answer.who)
    except (UsageError, LedgerBusy) as error:
        return _refused(question, str(error))
    name_run(f"{answer.decision} by {answer.who}")
    if answer.decision == asking.REJECT:
        message = f"Plan {plan.id}: what it held is neither written nor learned; the next run plans it anew."
        told: RunReport = ended("Rejected", message)
        return told
    return _wait(go_on_with(plan.id), question.turn + 1)


def _refused(question: "Question", why: str) -> RunReport:
    """Ask again as long as there is something to decide; otherwise say what became of it."""
    from tasks import asking

    plan = open_hold(question.plan)
    if plan is not None:
        asking.ask(plan, question.turn + 1, why)
    told: RunReport = ended("Overtaken", f"Nothing was written by this run. {why}")
    return told
