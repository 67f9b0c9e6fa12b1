"""The policy's engine: where a plan is thought makes no difference to it, and who isn't there is told at once."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import Client, LocalCluster

from flows.apply import apply
from flows.children import free_port
from flows.cli.command import run
from flows.doctor import doctor
from flows.plan import intend, plan, see
from flows.replay import replay
from tasks import engine
from tasks.core.errors import PolicyError, SettingsError
from tasks.core.evidence import Evidence
from tasks.core.model import SCOPES
from tasks.core.run import Asked
from tasks.engine import HERE, DaskEngine
from tasks.session import open_session
from tests.bench.crowd import Shares
from tests.bench.crowd_world import CrowdWorld
from tests.flows.worlds import Office, connected, number, policy_with
from tests.property.simulation import STATUSES, plan_of

CROWD = 10_000


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with connected(tmp_path_factory.mktemp("engine"), people=30, scopes=SCOPES, stock=2) as office:
        yield office


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A cluster of two workers, threads of this process, that listens as any other does."""
    with LocalCluster(n_workers=2, processes=False, protocol="tcp", dashboard_address=None) as cluster:
        yield cluster.scheduler_address


@pytest.fixture
def office(lived_in: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Its policy says so; where the cluster is, each test says."""
    office = lived_in.entered(monkeypatch)
    monkeypatch.setenv("TANDEM_POLICY", str(policy_with(tmp_path, engine='"dask"')))
    return office


def test_a_plan_thought_on_dask_is_the_plan_thought_here(
    office: Office, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checksum and all, by more than one worker; either is replayed and applied under the other engine."""
    office.person.edit_in_aloware(office.stock[0].aloware, last_name="Typed")
    office.person.create_in_salesforce("Lead", LastName="New", Company="Acme", Phone=number())
    monkeypatch.setenv("TANDEM_DASK_ADDRESS", address)
    office.person.freeze_exports(True)  # or the second plan would see a younger one, and be told less of some
    shares, each = [], DaskEngine.each
    monkeypatch.setattr(DaskEngine, "each", lambda *asked: shares.append(len(asked[2])) or each(*asked))
    there = plan(full=True, initial=True).plan
    assert set(shares) == {2}
    monkeypatch.delenv("TANDEM_POLICY")
    here = plan(full=True, initial=True).plan
    office.person.freeze_exports(False)
    assert len(here.changes) > 1
    assert here.checksum == there.checksum
    assert replay(there.run).same
    shares.clear()
    monkeypatch.setenv("TANDEM_POLICY", str(policy_with(tmp_path, engine='"dask"')))
    assert apply(here.id).receipts["applied"] == len(here.changes)
    assert not shares, "what is stored isn't thought again"


def test_a_cluster_that_does_not_answer_is_missed_before_any_record_is_read(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence, exit code 10; without it the next plan is made."""
    monkeypatch.setenv("TANDEM_DASK_ADDRESS", f"tcp://127.0.0.1:{free_port()}")
    monkeypatch.setenv("TANDEM_HTTP_TIMEOUT", "1")
    office.person.forget_requests()
    assert run(["plan"]) == SettingsError.exit_code
    told = capsys.readouterr().err
    assert "TANDEM_DASK_ADDRESS" in told
    assert told.count("\n") == 1
    assert not office.person.requests("salesforce"), "nobody's record was read"
    monkeypatch.delenv("TANDEM_POLICY")
    monkeypatch.delenv("TANDEM_HTTP_TIMEOUT")
    assert run(["plan"]) == 0


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("nonsense", "write it as tcp://host:8786"),
        ("carrier-pigeon://127.0.0.1:8786", "write it as tcp://host:8786"),
        ("tls://127.0.0.1:8786", "with certificates in Dask's configuration"),
        ("SALESFORCE_URL", "No Dask cluster"),  # something else answers there
    ],
)
def test_an_address_that_can_not_be_dask_s_is_one_sentence(
    office: Office, address: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a line of its own, for Dask's client isn't asked: it would speak up again twenty seconds after the end."""
    address = os.environ.get(address, address).replace("http://", "tcp://")
    monkeypatch.setenv("TANDEM_DASK_ADDRESS", address)
    monkeypatch.setenv("TANDEM_HTTP_TIMEOUT", "1")
    made = subprocess.run([sys.executable, "-m", "flows.cli", "plan"], capture_output=True, text=True, check=False)
    assert made.returncode == SettingsError.exit_code, made.stderr
    assert told in made.stderr
    assert made.stderr.count("\n") == 1, made.stderr


def test_workers_that_would_read_a_value_otherwise_are_refused(
    office: Office, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By name: the same Tandem and the same libraries must be there."""
    monkeypatch.setenv("TANDEM_DASK_ADDRESS", address)
    monkeypatch.setattr(Client, "run", lambda _client, asked: {"tcp://other:1": asked() | {"phonenumbers": "8"}})
    with open_session() as session, pytest.raises(SettingsError, match="another version of phonenumbers"):
        session.engine.begin()


def test_the_doctor_looks_at_the_engine(office: Office, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is one to look at."""
    monkeypatch.setenv("TANDEM_DASK_ADDRESS", address)
    (found,) = (check for check in doctor() if check.name == "engine")
    assert (found.state, found.says) == ("ok", "Dask answers; workers that share a plan: 2")


def test_dask_that_is_not_installed_is_said_so(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to install."""
    monkeypatch.setattr(engine, "find_spec", lambda name: None)
    with pytest.raises(PolicyError, match=r"\.\[dask\]"):
        plan()


def test_who_plans_here_imports_no_dask() -> None:
    """It would cost every command a second."""
    program = "import sys, flows.plan, flows.reconcile; sys.exit('distributed' in sys.modules or 'dask' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.deep
def test_a_crowd_is_thought_of_alike_by_processes_of_this_machine(tmp_path: Path) -> None:
    """Ten thousand people, some thousand changes."""
    world = CrowdWorld.of(CROWD, Shares(edits=0.1))
    seen = {snapshot.system: snapshot for snapshot in world.after}
    known = Evidence(world.known, world.policy, Asked("test"), STATUSES, seen)
    cluster = DaskEngine(None, tmp_path, patience=60)
    plans = [plan_of(intend(known, see(known, engine), engine)[0]) for engine in (HERE, cluster)]
    cluster.end()
    assert len(plans[0].changes) > CROWD / 10
    assert len({each.checksum for each in plans}) == 1
