"""Deployed runs that are killed under their worker: the next one of the deployment ends in the right state."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.connections import set_direction
from flows.reconcile import reconcile
from tasks.core.model import SCOPES
from tasks.session import open_session
from tests.deployed.town import Town
from tests.flows.drill import Drill
from tests.flows.killing import Blow, shooting
from tests.flows.worlds import Office, Visitor

pytestmark = [pytest.mark.prefect, pytest.mark.deep]

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
