"""What a deployed run does with a hold, with the form stood in for: `test_approval_deployed` has the real one."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

import flows.held
from flows.apply import apply
from flows.approve import approve, reject
from flows.reconcile import reconcile
from tasks.core.plan import Plan
from tasks.core.run import RunReport
from tasks.session import open_session
from tests.flows.worlds import Office, connected

BREAKER = "aloware.updates"
BY = {"reason": "checked", "who": "Ann"}


class Suspended(Exception):
    """In place of Prefect's signal that ends the process."""


@dataclass(frozen=True)
class Question:
    plan: str
    turn: int = 1
    run_name: str = "reconcile · 12 changes, 12 held"


@dataclass(frozen=True)
class Answer:
    decision: str = "approve"
    overrides: tuple[str, ...] = (BREAKER,)
    left_out: tuple[str, ...] = ()
    reason: str = "checked"
    who: str = "Ann"


@dataclass
class Form:
    """In place of `tasks.asking`, for one flow run at a time: what it asks, what others ask, what is answered."""

    REJECT = "reject"
    resumed: Question | None = None
    others: list[Question] = field(default_factory=list)
    lost: list[Question] = field(default_factory=list)
    given: Answer = field(default_factory=Answer)
    withdrawn: list[tuple[str, str]] = field(default_factory=list)
    remark: str = ""

    def asked(self) -> Question | None:
        return self.resumed

    def waiting(self) -> list[Question]:
        return self.others

    def can_be_answered(self, question: Question) -> bool:
        return question not in self.lost

    def answer(self, question: Question) -> Answer:
        return self.given

    def ask(self, plan: Plan, turn: int, remark: str = "") -> None:
        self.resumed, self.remark = Question(plan.id, turn), remark
        raise Suspended

    def withdraw(self, question: Question, why: str) -> None:
        self.withdrawn.append((question.plan, why))


@pytest.fixture(scope="module")
def open_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with connected(tmp_path_factory.mktemp("held"), scopes=["salesforce.update"], stock=12) as made:
        yield made


@pytest.fixture
def office(open_office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    return open_office.entered(monkeypatch)


@pytest.fixture
def form(monkeypatch: pytest.MonkeyPatch) -> Form:
    """As in a run of a deployment."""
    made = Form()
    monkeypatch.setitem(sys.modules, "tasks.asking", made)
    monkeypatch.setattr("tasks.asking", made, raising=False)
    monkeypatch.setattr(flows.held, "in_deployment", lambda: True)
    monkeypatch.setattr(flows.held, "name_run", lambda *words: None)
    monkeypatch.setattr(flows.held, "ended", lambda name, message: (name, message))
    return made


def run(form: Form) -> Any:
    """A deployed run from its top: what it ends with, or what it asks."""
    try:
        return reconcile()
    except Suspended:
        return form.resumed


def held(office: Office, form: Form, name: str) -> str:
    """A run that asks about a mass change; the plan's id."""
    rename(office, name)
    form.resumed = None
    question = run(form)
    assert isinstance(question, Question), question
    return question.plan


def rename(office: Office, name: str) -> None:
    for known in office.stock:
        office.person.edit_in_salesforce("Contact", known.salesforce, LastName=name)


def names(office: Office) -> set[str]:
    return {office.contact(known.phone)["last_name"] for known in office.stock}


def status(plan: str) -> str:
    with open_session(read_only=True) as session:
        return session.ledger.plans.head(plan).status


def test_approved_it_goes_on_with_that_very_plan(office: Office, form: Form) -> None:
    plan = held(office, form, "Approved")
    report = run(form)
    assert isinstance(report, RunReport)
    assert (report.plan.id, report.converged, status(plan)) == (plan, True, "applied")
    assert names(office) == {"Approved"}


def test_rejected_it_ends_and_nothing_is_written(office: Office, form: Form) -> None:
    plan, before = held(office, form, "Rejected"), names(office)
    form.given = Answer("reject")
    name, message = run(form)
    assert (name, status(plan)) == ("Rejected", "rejected")
    assert plan in message
    assert names(office) == before


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (Answer(overrides=()), "Say which breakers to lift"),
        (Answer(overrides=("hubspot.clears",)), "hubspot.clears didn't fire"),
        (Answer(left_out=("c999",)), "has no change c999"),
    ],
)
def test_what_can_t_be_taken_is_asked_again(office: Office, form: Form, wrong: Answer, said: str) -> None:
    plan, before = held(office, form, said), names(office)
    form.given = wrong
    assert run(form) == Question(plan, 2)
    assert said in form.remark
    assert names(office) == before


def test_what_was_settled_by_hand_is_not_written_twice(office: Office, form: Form) -> None:
    """Rejected there: over. Approved there: whoever did that applies it. The run says so, and writes nothing."""
    plan, before = held(office, form, "By hand"), names(office)
    approve(plan, [BREAKER], "checked", [], "Bob")
    assert run(form) == (
        "Overtaken",
        f"Nothing was written by this run. {BREAKER} of plan {plan} was approved already: `tandem apply {plan}` "
        "carries it out",
    )
    reject(plan, "no", "Bob")
    name, message = run(form)
    assert (name, f"Plan {plan} is rejected already" in message) == ("Overtaken", True)
    assert names(office) == before


def test_what_was_applied_by_hand_is_not_applied_again(office: Office, form: Form) -> None:
    plan = held(office, form, "Applied by hand")
    approve(plan, [BREAKER], "checked", [], "Bob")
    apply(plan)
    office.person.forget_requests()
    name, message = run(form)
    assert (name, f"Plan {plan} is applied already" in message) == ("Overtaken", True)
    assert office.person.writes() == []


def test_the_very_same_hold_is_asked_about_once(office: Office, form: Form) -> None:
    """And the answer to the older question lets the newer plan go."""
    first = held(office, form, "Same")
    waiting = form.resumed
    form.resumed, form.others = None, [Question(first), Question("p-of-another-ledger")]
    name, message = run(form)
    assert (name, form.withdrawn) == ("Held", [])
    assert f"what plan {first} held: answer it in the run {Question.run_name}" in message
    form.resumed, form.others = waiting, []
    assert run(form).converged
    assert names(office) == {"Same"}


def test_a_question_without_its_form_is_asked_anew(office: Office, form: Form) -> None:
    """The run that asked was killed after it was suspended, before the server had its form: nobody could answer it."""
    first = held(office, form, "Formless")
    form.resumed, form.others, form.lost = None, [Question(first)], [Question(first)]
    assert run(form) == form.resumed
    again = form.resumed.plan
    told = f"Plan {first} was replaced by {again}, which waits for a person: see `tandem show {again}`."
    assert form.withdrawn == [(first, told)]


def test_another_hold_takes_the_place_of_the_older_question(office: Office, form: Form) -> None:
    first = held(office, form, "Older")
    form.others = [Question(first)]
    second = held(office, form, "Newer")
    assert form.withdrawn == [
        (first, f"Plan {first} was replaced by {second}, which waits for a person: see `tandem show {second}`.")
    ]


def test_a_question_about_what_isn_t_held_any_more_is_withdrawn(office: Office, form: Form) -> None:
    first = held(office, form, "Put right")
    for known in office.stock:
        office.person.edit_in_salesforce("Contact", known.salesforce, LastName=office.contact(known.phone)["last_name"])
    form.resumed, form.others = None, [Question(first)]
    plan = run(form).plan
    assert form.withdrawn == [(first, f"Plan {first} was replaced by {plan.id}, of which nothing is held.")]


def test_a_run_of_no_deployment_asks_nothing(office: Office) -> None:
    """It is held as ever."""
    rename(office, "At a terminal")
    assert reconcile().plan.waits
