"""What a deployed flow run asks of a person: a form in Prefect's UI, while the run is suspended.

Imported only where Prefect is in charge. A suspended run has no process, no slot and no lease. Resumed, weeks later and
on another machine perhaps, it begins again from its top. All that it has from before is the key of its pause, `PLAN-N`:
the id of the plan that waits, under which the ledger has it, and which question this is. What a person answered to it
is kept by the server under that key.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, NoReturn, cast
from uuid import UUID

from prefect import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateName
from prefect.flow_runs import suspend_flow_run
from prefect.input import RunInput
from prefect.input.run_input import keyset_from_base_key
from prefect.runtime import flow_run
from prefect.states import Cancelled
from pydantic import Field, create_model

from tasks.core import briefing
from tasks.core.plan import Plan

PATIENCE = 28 * 24 * 3600  # seconds that a run waits for its answer
APPROVE, REJECT = "approve", "reject"


class Approval(RunInput):
    """The form."""

    decision: Literal["approve", "reject"] = Field(
        description="approve: what you let go below is written, and nothing else of the plan. "
        "reject: nothing of what it holds is written; the next run plans it anew."
    )
    overrides: list[str] = Field(default=[])  # in the form: a choice of the breakers that wait
    left_out: list[str] = Field(
        default=[],
        title="Except",
        description="Changes to leave out for good, by their ids (c17) in the artifact `held-changes`.",
    )
    reason: str = Field(min_length=1, pattern=r"\S", description="Why, in a few words. It is kept in the journal.")
    who: str = Field(
        default="somebody in Prefect's UI", min_length=1, pattern=r"\S", description="Who decides: your name."
    )


@dataclass(frozen=True)
class Question:
    """One that this or another flow run has asked."""

    plan: str
    turn: int
    run: UUID
    run_name: str

    @property
    def key(self) -> str:
        return f"{self.plan}-{self.turn}"


def asked() -> Question | None:
    """What this flow run has asked last; None in one that has just begun."""
    with get_client(sync_client=True) as client:
        run = client.read_flow_run(UUID(flow_run.id))
    questions = _questions(run.empirical_policy.pause_keys or (), run)
    return max(questions, key=lambda question: question.turn, default=None)


def waiting() -> Iterator[Question]:
    """What other flow runs ask, and nobody has answered."""
    suspended = FlowRunFilter(state=FlowRunFilterState(name=FlowRunFilterStateName(any_=["Suspended"])))
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(flow_run_filter=suspended)
    for run in runs:
        if run.state is not None and run.state.state_details.pause_key:
            yield from _questions([run.state.state_details.pause_key], run)


def can_be_answered(question: Question) -> bool:
    """Whether the server has its form: a run is suspended first, and may be killed before that is stored. The form
    stays when it is answered, so one that is answered at this moment isn't taken for lost."""
    form = keyset_from_base_key(f"suspended-{question.key}")["schema"]
    with get_client(sync_client=True) as client:
        return bool(client.filter_flow_run_input(question.run, form, limit=1, exclude_keys=set()))


def answer(question: Question) -> Approval:
    """What a person answered to this run's question."""
    return suspend_flow_run(wait_for_input=Approval, key=question.key)


def ask(plan: Plan, turn: int, remark: str = "") -> NoReturn:
    """Suspend this flow run until a person answers what becomes of what that plan holds. `remark`: what was wrong with
    the last answer."""
    waiting_for = briefing.waiting_words(plan)
    choice: Any = Field(
        default=[],
        description=f"Breakers to let go, each by its name: {', '.join(waiting_for.values())}.",
        json_schema_extra={"items": {"type": "string", "enum": list(waiting_for)}},
    )
    form = create_model("Approval", __base__=Approval, overrides=(list[str], choice))
    page = briefing.question_page(plan, remark)
    question = Question(plan.id, turn, UUID(flow_run.id), flow_run.name)
    suspend_flow_run(wait_for_input=form.with_initial_data(description=page), key=question.key, timeout=PATIENCE)
    raise AssertionError("a flow run that asks is suspended")


def withdraw(question: Question, why: str) -> None:
    """End a run whose question has nothing to decide any more."""
    with get_client(sync_client=True) as client:
        client.set_flow_run_state(question.run, Cancelled(message=why), force=True)


def _questions(keys: Iterable[str], run: Any) -> Iterator[Question]:
    """Those that are ours: others may pause flows on that server, too."""
    for key in keys:
        plan, _, turn = key.rpartition("-")
        if plan and turn.isdecimal():
            yield Question(plan, int(turn), cast(UUID, run.id), str(run.name))
