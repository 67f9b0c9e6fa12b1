"""Tandem on a real Prefect: deployed with Prefect's own command, run by its worker, watched through its API."""

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.children import PROGRAM
from flows.connections import set_direction
from flows.deployed import POOL
from flows.local_server import local_server
from flows.reconcile import reconcile
from tasks.core.errors import TandemError
from tasks.core.model import SCOPES, SYSTEMS
from tasks.session import open_session
from tests.deployed.mailbox import told_by_automations
from tests.deployed.town import CHECKOUT, Town, eventually
from tests.deployed.way import way_to

pytestmark = pytest.mark.prefect

VERBS = ["mirror_statuses", "pull salesforce", "pull hubspot", "pull aloware", "normalise", "match", "diff"]
ENDING = ["gate", "record_plan", "write", "read_back", "conclude", "record_outcome"]


def told(town: Town, run: Any, wanted: list[str]) -> bool:
    """Whether the run's tasks come to have those names in that order, whatever is between them."""

    def in_order(tasks: list[str]) -> bool:
        rest = iter(tasks)
        return all(name in rest for name in wanted)

    return in_order(eventually(lambda: town.verbs(run), in_order))


DEPLOYED = {
    "reconcile", "reconcile-full", "one-time-pull", "log-communications", "sync-statuses", "verify", "digest", "undo",
    "connect", "disconnect", "set-direction",
}  # fmt: skip


def test_deployments_say_when_and_how_they_run(town: Town) -> None:
    """A timer each for the two reconciles, none for the one-time pull; one run at a time in one pool."""
    with town.client() as client:
        all_of_them = client.read_deployments()
        quarter, nightly, pull = (
            client.read_deployment_by_name(name)
            for name in ("reconcile/reconcile", "reconcile/reconcile-full", "one-time-pull/one-time-pull")
        )
        pool = client.read_work_pool(POOL)
    assert [s.schedule.interval.total_seconds() for s in quarter.schedules] == [900]
    assert (quarter.parameters, nightly.parameters["full"]) == ({"full": False, "initial": False}, True)
    assert [s.schedule.cron for s in nightly.schedules] == ["10 2 * * *"]
    assert pull.schedules == []
    assert {d.name for d in all_of_them} == DEPLOYED
    assert {d.global_concurrency_limit.limit for d in all_of_them} == {1}
    dropped = {d.name for d in all_of_them if d.concurrency_options.collision_strategy.value == "CANCEL_NEW"}
    assert dropped == {"verify", "digest"}, "what is dropped is nobody's word or event"
    assert (pool.type, pool.concurrency_limit) == ("process", 1)


@pytest.mark.parametrize(
    ("deployment", "field", "choices"),
    [
        ("one-time-pull/one-time-pull", "what", ["contacts", "leads", "all"]),
        ("connect/connect", "system", list(SYSTEMS)),
        ("disconnect/disconnect", "system", list(SYSTEMS)),
        ("set-direction/set-direction", "scope", list(SCOPES)),
        ("set-direction/set-direction", "direction", ["inbound", "two-way"]),
    ],
)
def test_forms_offer_what_can_be_chosen(town: Town, deployment: str, field: str, choices: list[str]) -> None:
    """As a list to choose from, with a word on what it means."""
    with town.client() as client:
        asked = client.read_deployment_by_name(deployment).parameter_openapi_schema["properties"][field]
    assert asked["enum"] == choices
    assert asked["description"]


def test_a_schedule_fires_on_its_own(town: Town) -> None:
    """Every few seconds instead of every quarter of an hour, and nobody asks."""
    from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterName
    from prefect.client.schemas.schedules import IntervalSchedule

    reconcile(initial=True)
    mine = DeploymentFilter(name=DeploymentFilterName(any_=["reconcile"]))
    with town.client() as client:
        found = client.read_deployment_by_name("reconcile/reconcile")
        often = IntervalSchedule(interval=timedelta(seconds=15))
        client.pause_deployment(found.id)
        client.update_deployment_schedule(found.id, found.schedules[0].id, active=True, schedule=often)
        client.resume_deployment(found.id)  # what was changed just now is scheduled at once

        def fired() -> list[Any]:
            runs = client.read_flow_runs(deployment_filter=mine)
            return [run.id for run in runs if run.auto_scheduled and not run.state.is_scheduled()]

        run = eventually(fired, bool)[0]
        client.update_deployment_schedule(found.id, found.schedules[0].id, active=False)
    assert town.rested(run).state.name == "Completed"


def test_a_scope_is_opened_from_a_form(town: Town) -> None:
    """The run is called by what was chosen."""
    scope = "hubspot.update"
    run = town.run("set-direction/set-direction", {"scope": scope, "direction": "two-way"})
    assert (run.state.name, run.name) == ("Completed", f"set-direction · {scope} · two-way")
    with open_session(read_only=True) as session:
        assert session.ledger.connections.directions()[scope] == "two-way"
    set_direction(scope, "inbound")


def test_a_system_is_left_out_and_taken_in_again_from_forms(town: Town) -> None:
    """Both on a worker, with its credentials; reconnected, it has every scope inbound."""
    left = town.run("disconnect/disconnect", {"system": "hubspot"})
    with open_session(read_only=True) as session:
        assert session.connected() == ["salesforce", "aloware"]
    back = town.run("connect/connect", {"system": "hubspot"})
    with open_session(read_only=True) as session:
        assert session.connected() == list(SYSTEMS)
    assert [(run.name, run.state.name) for run in (left, back)] == [
        ("disconnect · hubspot", "Completed"),
        ("connect · hubspot", "Completed"),
    ]


def test_a_run_is_taken_back_from_a_form(town: Town) -> None:
    """On a worker, as a run with its own plan and its own name."""
    reconcile(initial=True)
    town.misspell(name="Undone")
    before = town.first_names().count("Undone")
    done = reconcile().plan.run
    assert town.first_names().count("Undone") < before
    run = town.run("undo/undo", {"run_id": done})
    assert run.state.name == "Completed"
    assert re.fullmatch(rf"undo · {done} · [0-9]+ changes", run.name)
    assert town.first_names().count("Undone") == before
    assert "by a person" not in town.pages(run)["verdict"]


def test_statuses_are_mirrored_from_a_form(town: Town) -> None:
    run = town.run("sync-statuses/sync-statuses", {})
    assert run.state.name == "Completed"
    assert "| Connected | CONNECTED | Connected | mirrored |" in town.pages(run)["statuses"]


def test_reconcile_deployed(town: Town) -> None:
    """A worker's run writes Aloware and, inbound, no CRM; the UI shows verbs, plan, verdict and outcome."""
    town.misspell()
    town.forget_requests()
    run = town.run("reconcile/reconcile", {"initial": True})
    assert (run.state.name, run.state.message) == ("Completed", None)
    assert re.fullmatch(r"reconcile · initial · incremental · [0-9]+ changes", run.name)
    assert told(town, run, [*VERBS, "resolve", "propose", *ENDING])
    pages = town.pages(run)
    assert pages.keys() == {"plan", "verdict", "outcome", "report"}
    assert "Converged" in Path(re.findall(r"`(/.+?)`", pages["report"])[0]).read_text()
    assert "## Changes" in pages["plan"]
    assert "left of the day" in pages["outcome"]
    writes = town.writes()
    assert writes["aloware"] > 0
    assert (writes["salesforce"], writes["hubspot"]) == (0, 0)


def test_one_time_pull_deployed(town: Town) -> None:
    """On demand, with the object chosen from a list."""
    town.misspell()
    before = town.first_names().count("Mispelt")
    town.forget_requests()
    run = town.run("one-time-pull/one-time-pull", {"what": "contacts"})
    assert (run.state.name, run.name[:24]) == ("Completed", "one-time-pull · contacts")
    assert told(town, run, [*VERBS, "resolve_once", "narrow_to_aloware", *ENDING])
    assert town.first_names().count("Mispelt") < before
    assert town.writes()["aloware"] > 0
    assert (town.writes()["salesforce"], town.writes()["hubspot"]) == (0, 0)


def test_a_failed_run_says_why_and_somebody_is_told(town: Town, tmp_path: Path) -> None:
    """A wrong token: the run is Failed with our sentence, and neither it nor its log nor what the team is told shows a
    traceback or the token."""
    with told_by_automations(town, tmp_path) as received:
        run = town.run("reconcile/reconcile", {}, HUBSPOT_TOKEN="pat-na1-wrong")
        message = eventually(lambda: "".join(received), bool)
    assert run.state.name == "Failed"
    assert "HUBSPOT_TOKEN" in run.state.message
    assert message.startswith(f"Tandem: {run.name} failed")
    assert "HUBSPOT_TOKEN" in message
    assert str(run.id) in message
    shown = message + run.state.message
    shown += eventually(lambda: town.log(run), lambda log: "Finished in state Failed" in log)
    assert "Encountered exception during execution" in shown
    assert "Traceback" not in shown
    assert "pat-na1-wrong" not in shown


def test_parameters_of_an_older_version_are_named_and_nothing_is_written(town: Town) -> None:
    """A run that was scheduled before an upgrade, or by somebody's script, fails before it looks at anything."""
    town.forget_requests()
    run = town.run("reconcile/reconcile", {"full": False, "everything": True})
    assert run.state.name == "Crashed"
    assert eventually(lambda: town.log(run), lambda log: "'everything'" in log)
    assert set(town.writes().values()) == {0}


def test_a_worker_of_another_server_is_told_who_is_at_work(town: Town) -> None:
    """Two servers, one ledger: the run of the one fails, names the run of the other, and touches nothing."""
    town.forget_requests()
    with open_session() as session, session.ledger.lease.held("r-of-another", session.now()):
        run = town.run("log-communications/log-communications", {})
    assert run.state.name == "Failed"
    assert "another run holds the ledger: r-of-another" in run.state.message
    assert set(town.writes().values()) == {0}


def test_a_server_that_goes_away_takes_no_run_along(town: Town) -> None:
    """While it writes: it goes on and ends as it would have, whoever started it is told, and nothing is left to do."""
    reconcile(initial=True)
    town.misspell(name="Cut off")
    town.forget_requests()
    with ThreadPoolExecutor() as threads, way_to(town.url) as (url, way):
        started = threads.submit(
            town.tandem, "reconcile", "--json", PREFECT_API_URL=url, PREFECT_CLIENT_MAX_RETRIES="1"
        )
        eventually(town.writes, lambda writes: bool(writes["aloware"]))
        way.cut()
        done = started.result()
    assert (done.returncode, json.loads(done.stdout)["converged"]) == (0, True)
    assert "Prefect's server has gone away" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert reconcile().plan.changes.empty


def test_long_work_shows_how_far_it_is(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an artifact that grows; where nobody knows how much there is, as a line in the log."""
    from prefect import flow
    from prefect.settings import PREFECT_API_URL, temporary_settings

    from tasks import progress, window

    monkeypatch.setattr(window, "EVERY", 0.0)

    @flow(name="long work")
    def work() -> None:
        with progress.showing(window.Gauge()):
            for done in (10, 30, 40):
                progress.report("read back", done, 40)
            progress.report("pull hubspot", 70)

    with temporary_settings({PREFECT_API_URL: town.url}):
        work()
    run = town.latest_run("long work")
    assert float(town.pages(run)["progress-read-back"]) == 100
    eventually(lambda: town.log(run), lambda log: "pull hubspot: 70 so far" in log)


def test_command_is_a_flow_run(town: Town) -> None:
    """With PREFECT_API_URL set `tandem plan` is a flow run; what it prints is the plan and nothing else."""
    done = town.tandem("plan", "--json")
    plan: dict[str, Any] = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    run = town.latest_run("plan")
    assert (run.name[:7], run.state.name, run.deployment_id) == ("plan · ", "Completed", None)
    assert plan["plan"] in town.pages(run)["plan"]
    assert told(town, run, [*VERBS, "record_plan"])


def test_command_fails_with_its_own_sentence(town: Town) -> None:
    """An error of ours keeps its exit code on the way through Prefect, and the run its reason."""
    done = town.tandem("plan", "--only", "nobody")
    run = town.latest_run("plan")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert (run.name, run.state.name) == ("plan · only", "Failed")
    assert done.stderr.strip().rstrip(".") in run.state.message


def test_prefect_that_does_not_answer_is_a_wrong_setting(town: Town) -> None:
    """Nothing runs anywhere else than where the operator wants to see it."""
    done = town.tandem("plan", PREFECT_API_URL="http://127.0.0.1:9/api")
    assert done.returncode == 10
    assert "PREFECT_API_URL" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    """Not after two minutes of waiting, but with what it said last."""
    (tmp_path / "prefect").mkdir()
    (tmp_path / "prefect" / "prefect.db").write_bytes(b"no database" * 1000)
    with pytest.raises(TandemError, match="not a database"), local_server(tmp_path):
        pytest.fail("it started")


def test_server_ends_with_whoever_started_it() -> None:
    """The other end of its stdin closes, as it does when the starter is killed."""
    program = [sys.executable, "-P", str(PROGRAM), "prefect", "server", "start", "--port", "0"]
    ended = subprocess.run(program, stdin=subprocess.DEVNULL, capture_output=True, timeout=30)
    assert ended.returncode != 0


@pytest.mark.timeout(400)
def test_what_the_listener_hears_is_logged_with_nobody_asking(town: Town) -> None:
    """A call is made, Aloware's posts arrive, and the deployments that wait for that start: the Task is there."""
    assert town.run("reconcile/reconcile", {"initial": True}).state.name == "Completed"
    with town.listening():
        call = town.call(town.in_both()[0])
        assert eventually(lambda: len(town.tasks(call)), bool) == 1
    eventually(lambda: [town.latest_run(flow).state.is_final() for flow in ("reconcile", "log-communications")], all)


def test_digest_is_shown_and_printed(town: Town) -> None:
    """On a worker, and as a command: the letter is the run's artifact, and what a scheduler's mail command gets."""
    run = town.run("digest/digest", {})
    assert (run.state.name, town.pages(run)["digest"][:9]) == ("Completed", "# Tandem:")
    command = [sys.executable, "-m", "flows.digest"]
    done = subprocess.run(command, cwd=CHECKOUT, env=town.environment, capture_output=True, text=True, timeout=120)
    page = town.pages(town.latest_run("digest"))["digest"]
    assert page.startswith("# Tandem: ")
    assert page.strip() == done.stdout.strip()
