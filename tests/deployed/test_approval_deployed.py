"""A deployed run that is held: suspended with a form, answered in Prefect's UI, gone on with by whichever worker.

What else may become of it is in `test_held`, which needs no server; here, the same once more on a real one.
"""

import os
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.approve import reject
from flows.children import free_port
from flows.local_server import serving
from flows.reconcile import reconcile
from tasks.session import open_session
from tests.deployed.mailbox import told_by_automations
from tests.deployed.town import CHECKOUT, Town, deployed, eventually

pytestmark = pytest.mark.prefect

LATER = os.pathsep.join([str(Path(__file__).with_name("later")), str(CHECKOUT)])  # eight hours on, by our clock
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


def waited(plan: str) -> timedelta:
    """By our clock, from when it was made until it was approved."""
    with open_session(read_only=True) as session:
        made = session.ledger.plans.head(plan)
        return next(e.at for e in session.ledger.journal.entries(made.run) if e.what == "approved") - made.created_at


@pytest.mark.deep
@pytest.mark.timeout(500)
def test_an_approval_outlives_server_and_worker(tmp_path: Path) -> None:
    """Held, suspended, somebody is told, both restarted, eight hours gone: what can't be taken is refused or asked
    again, and then that very plan is applied."""
    port = free_port()
    with ExitStack() as here:
        with serving(tmp_path, port) as (url, _):
            town = here.enter_context(deployed(url, tmp_path))
            here.enter_context(town.at_its_desk())
            reconcile(initial=True)
            with town.working(), told_by_automations(town, tmp_path) as received:
                run = hold(town, "Wrong")
                plan = plan_of(run)
                drift = town.run("verify/verify", {})
                assert (drift.state.name, drift.state.is_completed()) == ("Drifted", True), "slot and lease are free"
                asks, alarms = sorted(eventually(lambda: list(received), lambda told: len(told) == 2))
                assert asks.startswith(f"Tandem asks: {run.name}: ")
                assert alarms.startswith(f"Tandem: {drift.name} has found drift: ")
                assert (str(run.id) in asks, str(drift.id) in alarms) == (True, True)
        held, wrong_names = held_by(plan), town.first_names().count("Wrong")
        with serving(tmp_path, port), town.working(PYTHONPATH=LATER):
            for wrong in ({"overrides": ["salesforce.clears"]}, {"reason": "  "}, {"decision": "perhaps"}):
                assert town.resume(run, **(YES | wrong)).status.value == "REJECT"
            town.resume(run, **(YES | {"overrides": []}))
            asked_again = town.rested(run.id)
            assert "Say which breakers to lift" in town.form(asked_again)
            town.forget_requests()
            town.resume(run, **YES)
            done = town.rested(run.id)
            assert (done.state.name, status(plan)) == ("Completed", "applied")
            assert done.name.endswith("approve by Ann")
            assert waited(plan) > timedelta(hours=8)
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
    """A later run that holds the very same leaves the question where it is, unless it can't be answered; one that holds
    something else takes its place. A plan made by hand replaces both, and the run that asks says so when answered."""
    first = hold(settled, "First")
    again = settled.run("reconcile/reconcile", {})
    assert (again.state.name, first.name in again.state.message) == ("Held", True)
    with settled.client() as client:  # as if it had been killed before its form was stored
        client.delete_flow_run_input(first.id, first.state.state_details.run_input_keyset["schema"])
    anew = settled.run("reconcile/reconcile", {})
    assert (anew.state.name, settled.rested(first.id).state.name) == ("Suspended", "Cancelled")
    second = hold(settled, "Second")
    replaced = settled.rested(anew.id)
    assert replaced.state.name == "Cancelled"
    assert f"{plan_of(anew)} was replaced by {plan_of(second)}" in replaced.state.message
    settled.misspell(MANY, "Third")
    third = reconcile().plan.id
    settled.forget_requests()
    settled.resume(second, **YES)
    ended = settled.rested(second.id)
    assert ended.state.name == "Overtaken"
    assert f"replaced by {third}, which holds something else" in ended.state.message
    assert settled.writes()["aloware"] == 0
