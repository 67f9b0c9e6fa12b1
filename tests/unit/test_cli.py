"""The `tandem` command: words in; sentences, JSON and exit codes out. The flows behind it are stood in for."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import flows.apply
import flows.connections
import flows.one_time_pull
import flows.plan
import flows.reconcile
from flows.cli import main, screen
from tasks.core.errors import ConnectorError, LedgerBusy, SettingsError, UsageError
from tasks.core.run import Drafted, RunReport
from tasks.core.state import Connection
from tests.unit.ledgers import NOON
from tests.unit.sample_plans import EMAIL, PERSON, PHONE, nothing, report, sample


@dataclass
class Said:
    code: int
    out: str
    err: str


Tandem = Callable[..., Said]


@pytest.fixture
def tandem(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tandem:
    """Type a command in a home of its own."""
    monkeypatch.setenv("TANDEM_HOME", str(tmp_path / "home"))
    for name in ("TANDEM_DATABASE_URL", "TANDEM_POLICY", "PREFECT_API_URL"):
        monkeypatch.delenv(name, raising=False)

    def typed(*words: str) -> Said:
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        return Said(int(ended.value.code or 0), *capsys.readouterr())

    return typed


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Any]]:
    """Replace a flow by an answer (an exception is raised); gives the list of what it will be called with."""

    def replaced(module: Any, name: str, answer: Any) -> list[Any]:
        calls: list[Any] = []

        def flow(*words: Any, **more: Any) -> Any:
            calls.append((words, more))
            if isinstance(answer, BaseException):
                raise answer
            return answer

        monkeypatch.setattr(module, name, flow)
        return calls

    return replaced


def test_help_is_quick_because_nothing_heavy_is_imported() -> None:
    heavy = "{'pandas', 'rich', 'prefect', 'httpx', 'sqlalchemy', 'msgspec', 'uvicorn'} & set(sys.modules)"
    script = f"import sys, flows.cli.command as c; c.run(['--help']); print({heavy}, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "set()"
    listed = {line.split()[0] for line in done.stdout.partition("Commands:")[2].splitlines() if line}
    assert {"sandbox", "demo", "connect", "plan", "apply", "reconcile", "pull", "undo", "up"} <= listed


def test_plan_passes_its_words_on(tandem: Tandem, stand_in: Any) -> None:
    calls = stand_in(flows.plan, "plan", Drafted(nothing()))
    assert tandem("plan", "--full", "--only", "+14155552671, 4155552672,").code == 0
    only = ("+14155552671", "4155552672")
    assert calls == [((), {"full": True, "initial": False, "only": only, "retry_parked": False})]


def test_a_plan_is_told_to_a_person_masked_and_with_the_next_command(tandem: Tandem, stand_in: Any) -> None:
    stand_in(flows.plan, "plan", Drafted(sample()))
    said = tandem("plan")
    assert said.code == 0
    assert said.out.startswith("Plan p1: 2 changes in 2 systems, 1 refused, 2 in conflict, 1 colliding, 1 quarantined.")
    for shown in (
        "Ana +1******2671",
        "Email: (blank) → a***@example.com",
        "edited elsewhere",
        "nobody yet",
        "(speaks)",
    ):
        assert shown in said.out
    assert "`tandem apply p1`" in said.out
    assert PHONE not in said.out
    assert EMAIL not in said.out
    assert "\x1b" not in said.out


def test_a_held_plan_exits_20_and_says_what_to_do(tandem: Tandem, stand_in: Any) -> None:
    stand_in(flows.plan, "plan", Drafted(sample(held=True)))
    said = tandem("plan")
    assert said.code == 20
    assert "salesforce.updates: 50%, and the limit is 30%" in said.out
    assert "`tandem approve p1 --override salesforce.updates --reason TEXT`, then `tandem apply p1`" in said.out
    assert "`tandem reject p1 --reason TEXT`" in said.out
    assert "Held for a person" in said.out


@pytest.mark.parametrize("held", [False, True])
def test_json_is_one_object_with_whole_values(tandem: Tandem, stand_in: Any, held: bool) -> None:
    stand_in(flows.plan, "plan", Drafted(sample(held), {"salesforce": {"read": 2, "write": 0}}))
    said = tandem("plan", "--json")
    shown = json.loads(said.out)
    assert said.code == (20 if held else 0)
    assert shown["changes"][0]["phone"] == PHONE
    assert shown["conflicts"][0]["since"] == NOON.isoformat()


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (report(sample(), applied=2), 0),
        (report(nothing()), 0),
        (report(sample(), converged=False, applied=1, stale=1), 0),
        (report(sample(), converged=False, stale=2), 21),
        (report(sample(), refusal="BAD_EMAIL", applied=1, refused=1), 22),
        (report(sample(), refusal="BAD_EMAIL", refused=1, stale=1), 22),
        (report(sample(held=True), converged=False, refusal="BAD_EMAIL", refused=1), 20),
        (report(sample(held=True), converged=False, stale=1), 20),
    ],
)
def test_a_runs_exit_code_says_how_it_went(tandem: Tandem, stand_in: Any, answer: RunReport, code: int) -> None:
    stand_in(flows.reconcile, "reconcile", answer)
    assert tandem("reconcile").code == code
    said = tandem("reconcile", "--json")
    assert said.code == code
    assert json.loads(said.out)["converged"] is answer.converged


def test_undelivered_writes_exit_11_without_an_object(tandem: Tandem, stand_in: Any) -> None:
    stand_in(flows.reconcile, "reconcile", report(sample(), converged=False, applied=1, failed=1))
    said = tandem("reconcile", "--json")
    assert (said.code, said.out) == (11, "")
    assert "1 could not be delivered" in said.err


def test_a_run_is_told_with_its_refusals_and_what_is_left(tandem: Tandem, stand_in: Any) -> None:
    answer = report(sample(), converged=False, refusal="bad address ana.diaz@example.com", refused=1, stale=1)
    calls = stand_in(flows.apply, "apply", answer)
    said = tandem("apply", "p1")
    assert calls == [(("p1",), {})]
    assert said.out.startswith("Run r1: 1 refused, 1 stale.")
    assert "bad address a***@example.com" in said.out
    assert "1 change was skipped" in said.out


def test_values_cannot_steer_the_terminal_and_narrow_ones_get_lines(capsys: pytest.CaptureFixture[str]) -> None:
    page = screen.Screen()
    page.console.width = screen.NARROW - 1
    page.table("People", ("who", "what"), [("a", "b\nc"), ("[red]d", screen.value("e\x1b[31m\r\nf"))], total=3)
    shown = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert shown == [
        "People",
        "- a",
        "  what:",
        "    b",
        "    c",
        "- [red]d",
        "  what: e [31m  f",
        "… and 1 more; `--json` has them all.",
    ]


def test_what_goes_into_the_next_command_is_never_broken(capsys: pytest.CaptureFixture[str]) -> None:
    conflict = f"salesforce:Contact:{'0' * 18}/first_name"
    screen.Screen().table("Conflicts", ("who", "conflict", "sides"), [("Ann " * 9, conflict, "said " * 20)])
    assert conflict in capsys.readouterr().out


def test_converged_is_said(tandem: Tandem, stand_in: Any) -> None:
    stand_in(flows.one_time_pull, "one_time_pull", report(nothing(), converged=True))
    assert "Converged: nothing left to do." in tandem("pull", "salesforce", "leads").out


def test_what_a_library_prints_stays_out_of_json(
    tandem: Tandem, stand_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def noisy(**words: Any) -> Drafted:
        sys.stdout.write("progress!\n")
        return Drafted(nothing())

    monkeypatch.setattr(flows.plan, "plan", noisy)
    said = tandem("plan", "--json")
    assert json.loads(said.out)["plan"] == "p1"
    assert "progress!" in said.err


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (SettingsError("Set HUBSPOT_TOKEN in the environment"), 10, "Set HUBSPOT_TOKEN in the environment.\n"),
        (ConnectorError("hubspot", f"hubspot refused {EMAIL}"), 11, "Hubspot refused a***@example.com.\n"),
        (LedgerBusy("run r2 holds the ledger"), 23, "Run r2 holds the ledger.\n"),
        (UsageError("hubspot:contacts:12/email: no such"), 2, "hubspot:contacts:12/email: no such.\n"),
        (KeyboardInterrupt(), 130, None),
    ],
)
def test_what_goes_wrong_is_one_sentence_on_stderr(
    tandem: Tandem, stand_in: Any, error: BaseException, code: int, sentence: str | None
) -> None:
    stand_in(flows.plan, "plan", error)
    said = tandem("plan", "--json")
    assert (said.code, said.out) == (code, "")
    assert sentence is None or said.err == sentence
    assert said.err.count("\n") <= 2


def test_a_problem_that_nobody_foresaw_is_kept_in_a_private_file(tandem: Tandem, stand_in: Any, tmp_path: Path) -> None:
    stand_in(flows.plan, "plan", ZeroDivisionError(f"of {PHONE}"))
    said = tandem("plan")
    assert said.code == 1
    assert said.err.startswith("Tandem met a problem it doesn't know: ZeroDivisionError. ")
    assert "Traceback" not in said.err
    [file] = (tmp_path / "home" / "logs").iterdir()
    assert str(file) in said.err
    assert file.stat().st_mode & 0o777 == 0o600
    kept = file.read_text()
    assert "Traceback" in kept
    assert PHONE not in kept


def test_a_problem_whose_details_cannot_be_kept_is_still_said(
    tandem: Tandem, stand_in: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TANDEM_HOME", str(tmp_path / "file"))
    stand_in(flows.plan, "plan", ZeroDivisionError())
    said = tandem("plan")
    assert said.code == 1
    assert "could not be kept" in said.err


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        ["plan", "--nonsense"],
        ["plan", "--only", " , "],
        ["apply"],
        ["pull", "hubspot", "all"],
        ["pull", "salesforce", "everything"],
        ["direction", "salesforce.update"],
        ["direction", "salesforce.sideways", "two-way"],
        ["direction", "salesforce.update", "outbound"],
        ["connect", "pipedrive"],
        ["show", "p404"],
        ["conflicts"],
        ["sandbox", "--limits", "none"],
    ],
)
def test_wrong_words_exit_2_with_a_sentence(tandem: Tandem, words: list[str]) -> None:
    said = tandem(*words)
    assert (said.code, said.out) == (2, "")
    assert said.err.count("\n") == 1


def test_a_wrong_direction_is_answered_with_the_right_words(tandem: Tandem) -> None:
    said = tandem("direction", "salesforce.update", "outbound")
    assert "inbound" in said.err
    assert "two-way" in said.err


def test_connect_says_what_is_connected_and_what_comes_next(tandem: Tandem, stand_in: Any) -> None:
    calls = stand_in(flows.connections, "connect", Connection("hubspot", "44237313", 2, NOON))
    said = tandem("connect", "hubspot", "--replace")
    assert calls == [(("hubspot",), {"replace": True})]
    assert "hubspot is connected: account 44237313, connection 2." in said.out
    assert "tandem direction hubspot.update two-way" in said.out


def test_status_and_direction_of_a_new_home(tandem: Tandem) -> None:
    shown = json.loads(tandem("status", "--json").out)
    assert [system["connected"] for system in shown["systems"]] == [False] * 3
    assert set(shown["directions"].values()) == {"inbound"}
    assert (shown["run"], shown["plan"]) == (None, None)
    assert "Next: `tandem connect salesforce`." in tandem("status").out
    assert "hubspot.disposition  inbound" in tandem("direction").out
    assert "unknown: not connected" in tandem("mapping").out


def test_stored_plans_are_shown_with_since_and_conflicts_go_to_a_private_csv(tandem: Tandem, tmp_path: Path) -> None:
    from tasks.ledger import open_ledger

    with open_ledger(None, tmp_path / "home") as ledger:
        ledger.runs.begin("plan", NOON)
        ledger.plans.store(sample(), NOON)
        ledger.plans.mark("p1", "applied")
    assert json.loads(tandem("show", "p1", "--json").out)["refused"][0]["since"].startswith("2026-11-22T12:00")
    assert tandem("show", "p1").out.rstrip().endswith("This plan is applied.")

    file = tmp_path / "conflicts.csv"
    shown = json.loads(tandem("conflicts", "--open", "--csv", str(file), "--json").out)
    assert [conflict["id"] for conflict in shown["conflicts"]] == [f"{PERSON}/phone"]
    header, row = file.read_text().splitlines()
    assert header == "id,person,field,salesforce,hubspot,aloware,winner,rule,since,decision"
    assert "+14155550000" in row
    assert file.stat().st_mode & 0o777 == 0o600
