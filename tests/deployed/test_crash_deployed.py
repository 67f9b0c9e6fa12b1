"""Deployed runs that are killed under their worker: the next one of the deployment ends in the right state."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.connections import set_direction
from flows.local_server import local_server
from flows.reconcile import reconcile
from tasks.core.model import SCOPES
from tasks.session import open_session
from tests.deployed.mailbox import told_by_automations
from tests.deployed.town import Town, deployed, eventually
from tests.flows.drill import Drill
from tests.flows.killing import Blow, shooting
from tests.flows.worlds import Office, Visitor

pytestmark = [pytest.mark.prefect, pytest.mark.deep]

OFTEN = {"PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30"}  # seconds between two signs of life; no less is allowed

BLOWS = [
    *(Blow("write", turn, when) for turn in (1, 2, 4) for when in ("before", "after")),
    *(Blow("request", turn, "after") for turn in (1, 10, 25, 40)),
]


@pytest.fixture
def drill(town: Town) -> Iterator[Drill]:
    """Everybody agrees, every scope is two-way, and people are ready to work."""
    person = Visitor(town.sandbox.control, town.sandbox.ready)
    reconcile(initial=True)
    for scope in SCOPES:
        set_direction(scope, "two-way")
    reconcile(initial=True)
    yield Drill(Office(town.sandbox, Path(town.environment["TANDEM_HOME"]), person, town.environment))
    person.close()


def at_work() -> int | None:
    """The process that holds the ledger."""
    with open_session() as session, session.ledger.lease.database.reading() as transaction:
        holder = transaction.one("select_lease")
    return None if holder is None else int(holder["pid"])


@pytest.mark.timeout(600)
def test_a_machine_that_is_gone_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Worker and run die at once, and nobody is left to say so: after a while the automation does, and the next worker
    goes on."""
    monkeypatch.setattr("tests.deployed.town.PATIENCE", 240.0)
    with local_server(tmp_path) as url, deployed(url, tmp_path) as town, town.at_its_desk():
        with told_by_automations(town, tmp_path, within="45"), town.working(**OFTEN) as worker:
            with town.client() as client:
                found = client.read_deployment_by_name("reconcile/reconcile")
                run = client.create_flow_run_from_deployment(found.id, parameters={"initial": True})
                stall(town)
                eventually(lambda: signs_of_life(client, run), bool)
            for pid in (worker.process.pid, eventually(at_work, bool)):
                os.kill(pid, signal.SIGKILL)
        ended = town.rested(run.id)
        assert (ended.state.name, "no sign of life" in ended.state.message) == ("Crashed", True)
        with town.working():
            assert town.run("reconcile/reconcile", {"initial": True}).state.name == "Completed"
        assert reconcile().plan.changes.empty


def stall(town: Town) -> None:
    """HubSpot takes its time for its next answer."""
    person = Visitor(town.sandbox.control, town.sandbox.ready)
    person.break_next("hubspot", "timeout", "/contacts")
    person.close()


def signs_of_life(client: Any, run: Any) -> list[object]:
    """Those of that run that have reached the server."""
    wanted = {"event": {"name": ["prefect.flow-run.heartbeat"]}, "resource": {"id": [f"prefect.flow-run.{run.id}"]}}
    return list(client.request("POST", "/events/filter", json={"filter": wanted}).json()["events"])


@pytest.mark.timeout(3600)
def test_ten_killed_runs(town: Town, drill: Drill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prefect says that the run crashed, and lets the next one begin; that one loses nothing and does nothing twice."""
    monkeypatch.setattr("tests.deployed.town.PATIENCE", 600.0)
    with shooting(tmp_path) as field:
        for turn, blow in enumerate(BLOWS):
            deeds = drill.people_work(turn)
            with field.aim(town.sandbox.world, blow, at_work) as gun:
                killed = town.run("reconcile/reconcile", {})
            assert (gun.fired, killed.state.name) == (True, "Crashed"), blow
            again = town.run("reconcile/reconcile", {})
            assert (again.state.name, list(drill.wanting(deeds))) == ("Completed", []), blow
    assert drill.ends_quietly()
