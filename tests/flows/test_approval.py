"""What the gate holds, a person lets go or drops: exactly that, by name and with a reason."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from flows.apply import apply
from flows.approve import approve, reject
from flows.cli import outcome
from flows.plan import plan
from flows.reconcile import reconcile
from tasks.core.errors import PolicyError, UsageError
from tasks.core.plan import Plan
from tasks.core.planning.apply import LEFT_OUT
from tasks.core.run import RunReport
from tasks.session import open_session
from tests.flows.worlds import Known, Office, connected, number, policy_with

WHY = "the import was right"
IN_ALOWARE, IN_SALESFORCE = "aloware.updates", "salesforce.updates"


@pytest.fixture(scope="module")
def open_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Twelve people: renaming all of them is more than one run may do."""
    with connected(tmp_path_factory.mktemp("approval"), scopes=["salesforce.update"], stock=12) as made:
        yield made


@pytest.fixture
def office(open_office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    return open_office.entered(monkeypatch)


def rename(office: Office, name: str) -> None:
    """Somebody types another last name into every Contact."""
    for known in office.stock:
        office.person.edit_in_salesforce("Contact", known.salesforce, LastName=name)


def names(office: Office) -> set[str]:
    """Their last names in Aloware."""
    return {office.contact(known.phone)["last_name"] for known in office.stock}


def change_of(plan: Plan, known: Known, system: str) -> str:
    mine = plan.changes[(plan.changes["phone"] == known.phone) & (plan.changes["system"] == system)]
    return str(mine["id"].iloc[0])


def allow(plan_id: str, *overrides: str, left_out: tuple[str, ...] = ()) -> Plan:
    return approve(plan_id, overrides, WHY, left_out, "ann")


def journalled(plan_id: str) -> list[tuple[str, str, dict[str, object]]]:
    with open_session() as session:
        entries = session.ledger.journal.entries()
    return [(e.who, e.what, dict(e.details)) for e in entries if e.subject == plan_id and e.who != "tandem"]


def held(report: RunReport) -> str:
    """The id of a plan of which something is held."""
    assert outcome.of_run(report) == 20
    assert not report.converged
    return report.plan.id


def test_what_is_held_is_written_when_a_person_lets_it_go(office: Office) -> None:
    """The rest went at once; then the very plan is carried out under its own run, and everybody agrees."""
    rename(office, "Imported")
    newcomer = number()
    office.person.create_in_salesforce("Contact", FirstName="Nan", LastName="New", Phone=newcomer)
    first = reconcile()
    plan_id = held(first)
    assert office.contact(newcomer)["last_name"] == "New"
    office.person.forget_requests()
    assert held(apply(plan_id)) == plan_id, "without an approval nothing new is applied"
    assert office.person.writes() == []

    assert allow(plan_id, IN_ALOWARE).id == plan_id
    with pytest.raises(UsageError, match=f"{IN_ALOWARE} of plan {plan_id} was approved already: `tandem apply"):
        allow(plan_id, IN_ALOWARE)
    with pytest.raises(UsageError, match=f"^Plan {plan_id} was approved already: `tandem apply"):
        allow(plan_id)
    done = apply(plan_id)
    assert (done.plan.run, done.plan.checksum) == (first.plan.run, first.plan.checksum)
    assert (outcome.of_run(done), done.converged, done.receipts["applied"]) == (0, True, 12)
    assert names(office) == {"Imported"}
    details = {"overrides": [IN_ALOWARE], "left_out": [], "reason": WHY}
    assert journalled(plan_id) == [("ann", "approved", details)]

    for again in (lambda: allow(plan_id, IN_ALOWARE), lambda: apply(plan_id), lambda: reject(plan_id, WHY, "ann")):
        with pytest.raises(UsageError, match="applied already: make a new one with `tandem plan`"):
            again()
    assert reconcile().plan.changes.empty


def test_each_breaker_is_lifted_by_name_and_exceptions_stay_out(office: Office) -> None:
    """What another breaker holds still waits; what moved meanwhile is skipped and listed; what a person left out isn't
    planned again, unless it is asked for."""
    out, moved, *_ = office.stock
    rename(office, "Lifted")
    for known in office.stock:
        office.person.edit_in_aloware(known.aloware, first_name="Ada")
    report = reconcile()
    plan_id = held(report)
    left_out = change_of(report.plan, out, "aloware")
    office.person.edit_in_salesforce("Contact", moved.salesforce, LastName="Moved")

    allow(plan_id, IN_ALOWARE, left_out=(left_out,))
    half = apply(plan_id)
    assert held(half) == plan_id
    assert half.receipts == {"applied": 10, "refused": 0, "failed": 0, "stale": 1}
    (stale,) = half.stale.to_dict("records")
    assert stale["change"] == change_of(report.plan, moved, "aloware")
    assert (stale["field"], stale["reason"]) == ("last_name", "moved since the plan saw it")
    assert names(office) == {"Imported", "Lifted"}
    assert {
        row["FirstName"] for known in office.stock for row in office.person.in_salesforce("Contact", known.phone)
    } == {"Ann"}

    allow(plan_id, IN_SALESFORCE)
    rest = apply(plan_id)
    assert rest.receipts["applied"] == 12
    assert reconcile().converged
    assert office.contact(moved.phone)["last_name"] == "Moved"
    assert office.contact(out.phone)["last_name"] == "Imported"
    assert plan().plan.changes.empty
    with open_session() as session:
        settled = session.state().settled
    assert settled.loc[settled["ref"] == f"aloware:contacts:{out.aloware}", "reason"].str.endswith(LEFT_OUT).any()
    again = plan(retry_parked=True).plan
    assert list(again.changes["phone"]) == [out.phone]
    apply(again.id)


def test_a_later_run_that_holds_the_same_is_approved_by_the_older_name(office: Office) -> None:
    """At most one hold is open: the newest. One that holds something else must be looked at."""
    rename(office, "Again")
    first, second = held(reconcile()), held(reconcile())
    with pytest.raises(UsageError, match=f"{first} was replaced by {second}, which waits"):
        apply(first)
    lifted = allow(first, IN_ALOWARE)
    assert (lifted.id, lifted.overrides) == (second, {IN_ALOWARE})
    office.person.edit_in_salesforce("Contact", office.stock[0].salesforce, LastName="Other")
    third = held(reconcile())
    with pytest.raises(UsageError, match=f"{second} was replaced by {third}, which holds something else"):
        allow(second, IN_ALOWARE)

    reject(third, "wrong file", "ann")
    assert journalled(third) == [("ann", "rejected", {"reason": "wrong file"})]
    with pytest.raises(UsageError, match=f"{third} is rejected already"):
        apply(third)
    assert "Again" not in names(office), "nothing of it was written"


def test_when_all_of_it_moved_nothing_is_applied(office: Office) -> None:
    """Approved or not, a plan writes only what is still true; every stale cell is listed."""
    plan_id = held(reconcile())
    rename(office, "Later")
    allow(plan_id, IN_ALOWARE)
    report = apply(plan_id)
    assert (outcome.of_run(report), report.receipts["applied"], len(report.stale)) == (21, 0, 12)


def test_what_can_t_be_approved_is_refused_in_a_sentence(office: Office) -> None:
    """The sentence names the breakers that hold the plan, or what to do instead."""
    rename(office, "Bad input")
    newcomer = number()
    office.person.create_in_salesforce("Contact", FirstName="Nan", LastName="New", Phone=newcomer)
    report = reconcile()
    plan_id, free = held(report), report.plan.changes.set_index("phone")["id"][newcomer]
    sentences = {
        "there is no plan 'p0'": lambda: allow("p0", IN_ALOWARE),
        f"`tandem approve {plan_id} --override {IN_ALOWARE} --reason TEXT`": lambda: allow(plan_id),
        f"salesforce.clears didn't fire in plan {plan_id}; those that hold it are {IN_ALOWARE}": lambda: allow(
            plan_id, "salesforce.clears"
        ),
        f"{free} isn't held": lambda: allow(plan_id, IN_ALOWARE, left_out=(free,)),
        "has no change c99": lambda: allow(plan_id, IN_ALOWARE, left_out=("c99",)),
    }
    for sentence, said in sentences.items():
        with pytest.raises(UsageError) as refused:
            said()
        assert sentence in str(refused.value)


def test_a_plan_of_another_policy_or_edited_in_the_database_is_refused(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody approves what wasn't planned like this."""
    with open_session() as session:
        plan_id = session.ledger.plans.recent(1)[0].id
    with monkeypatch.context() as other:
        other.setenv("TANDEM_POLICY", str(policy_with(office.home, floor="11")))
        with pytest.raises(PolicyError, match="another policy"):
            allow(plan_id, IN_ALOWARE)
    with open_session() as session, session.ledger.connections.database.writing() as transaction:
        edit = f"UPDATE change_fields SET after = 'Evil' WHERE plan = '{plan_id}'"
        transaction.connection.execute(text(edit))
    with pytest.raises(UsageError, match="edited in the database"):
        allow(plan_id, IN_ALOWARE)


def test_a_plan_that_isn_t_held_needs_no_approval(office: Office) -> None:
    """It is carried out as it is."""
    made = plan(only=[office.stock[0].phone]).plan
    with pytest.raises(UsageError, match=f"isn't held: `tandem apply {made.id}`"):
        allow(made.id, IN_ALOWARE)
