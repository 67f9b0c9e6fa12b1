"""A deployed run that is held: suspended with a form, answered in Prefect's UI, gone on with by whichever worker.

What else may become of it is in `test_held`, which needs no server; here, the same once more on a real one.
"""

from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from flows.approve import reject
from flows.children import free_port
from flows.local_server import serving
from flows.reconcile import reconcile
from tasks.session import open_session
from tests.deployed.town import Town, deployed

pytestmark = pytest.mark.prefect

MANY, BREAKER = 30, "aloware.updates"
YES = {"decision": "approve", "overrides": [BREAKER], "reason": "the agents were wrong", "who": "Ann"}


@pytest.fixture
def settled(town: Town) -> Town:
    """Everybody agrees."""
    reconcile(initial=True)
    return town


def hold(town: Town, name: str) -> Any:
    """A run that would put too many names right, and asks."""
    town.misspell(MANY, name)
    run = town.run("reconcile/reconcile", {})
    assert run.state.name == "Suspended", run.state
    return run


def plan_of(run: Any) -> str:
    return str(run.state.state_details.pause_key).rpartition("-")[0]


def status(plan: str) -> str:
    with open_session(read_only=True) as session:
        return session.ledger.plans.head(plan).status


def held_by(plan: str) -> int:
    with open_session(read_only=True) as session:
        return len(session.ledger.plans.load(plan).held)


def make_older(plan: str) -> None:
    """As if it had been made eight hours before."""
    with open_session() as session, session.ledger.connections.database.writing() as transaction:
        made = session.ledger.plans.head(plan).created_at - timedelta(hours=8)
        edit = text("UPDATE plans SET created_at = :made WHERE id = :plan")
        transaction.connection.execute(edit, {"made": made.isoformat(), "plan": plan})


def form_of(town: Town, run: Any) -> str:
    """What the UI shows above the form."""
    with town.client() as client:
        return str(client.read_flow_run_input(run.id, run.state.state_details.run_input_keyset["description"]))


@pytest.mark.deep
@pytest.mark.timeout(500)
def test_an_approval_outlives_server_and_worker(tmp_path: Path) -> None:
    """Held, suspended, both restarted, eight hours gone: what can't be taken is refused or asked again, and then that
    very plan is applied."""
    port = free_port()
    with ExitStack() as here:
        with serving(tmp_path, port) as (url, _):
            town = here.enter_context(deployed(url, tmp_path))
            here.enter_context(town.at_its_desk())
            reconcile(initial=True)
            with town.working():
                run = hold(town, "Wrong")
                plan = plan_of(run)
                drift = town.run("verify/verify", {})
                assert (drift.state.name, drift.state.is_completed()) == ("Drifted", True), "slot and lease are free"
        held, wrong_names = held_by(plan), town.first_names().count("Wrong")
        make_older(plan)
        with serving(tmp_path, port), town.working():
            for wrong in ({"overrides": ["salesforce.clears"]}, {"reason": "  "}, {"decision": "perhaps"}):
                assert town.resume(run, **(YES | wrong)).status.value == "REJECT"
            town.resume(run, **(YES | {"overrides": []}))
            asked_again = town.rested(run.id)
            assert "Say which breakers to lift" in form_of(town, asked_again)
            town.forget_requests()
            town.resume(run, **YES)
            done = town.rested(run.id)
            assert (done.state.name, status(plan)) == ("Completed", "applied")
            assert done.name.endswith("approve by Ann")
            assert (town.writes()["aloware"], town.first_names().count("Wrong")) == (held, wrong_names - held)
            assert reconcile().plan.changes.empty


@pytest.mark.deep
def test_a_rejected_hold_writes_nothing(settled: Town) -> None:
    run = hold(settled, "Rejected")
    settled.forget_requests()
    settled.resume(run, decision="reject", reason="it was us", who="Ann")
    ended = settled.rested(run.id)
    assert (ended.state.name, status(plan_of(run))) == ("Rejected", "rejected")
    assert settled.writes()["aloware"] == 0


@pytest.mark.deep
def test_a_hold_that_was_answered_elsewhere_is_not_answered_twice(settled: Town) -> None:
    """By hand, while the run was suspended: resumed, it says so and writes nothing."""
    run = hold(settled, "By hand")
    reject(plan_of(run), "wrong file", "bob")
    settled.forget_requests()
    settled.resume(run, **YES)
    ended = settled.rested(run.id)
    assert ended.state.name == "Overtaken"
    assert f"Plan {plan_of(run)} is rejected already" in ended.state.message
    assert settled.writes()["aloware"] == 0


@pytest.mark.deep
def test_one_run_asks_at_a_time(settled: Town) -> None:
    """A later run that holds the very same leaves the question where it is; one that holds something else takes its
    place. A plan made by hand replaces both, and the run that asks says so when it is answered."""
    first = hold(settled, "First")
    again = settled.run("reconcile/reconcile", {})
    assert (again.state.name, first.name in again.state.message) == ("Held", True)
    second = hold(settled, "Second")
    replaced = settled.rested(first.id)
    assert replaced.state.name == "Cancelled"
    assert f"{plan_of(first)} was replaced by {plan_of(second)}" in replaced.state.message
    settled.misspell(MANY, "Third")
    third = reconcile().plan.id
    settled.forget_requests()
    settled.resume(second, **YES)
    ended = settled.rested(second.id)
    assert ended.state.name == "Overtaken"
    assert f"replaced by {third}, which holds something else" in ended.state.message
    assert settled.writes()["aloware"] == 0
