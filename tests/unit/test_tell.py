"""`tandem report`: which run, where the page goes, what it says when something of the run is missing."""

import re
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from flows.cli.command import run
from flows.report import report
from tasks.core.errors import UsageError
from tasks.core.model import Change, Outcome, Receipt
from tasks.core.plan import Plan
from tasks.core.subjects import Subject
from tasks.core.traces import Traces
from tasks.ledger import Ledger, open_ledger
from tasks.ledger.erasing import sweep
from tasks.session import open_session
from tasks.tell import keep_account, recount
from tests.unit.ledgers import NOON
from tests.unit.sample_plans import EMAIL, PERSON, PHONE, residual, sample
from tests.unit.sample_plans import report as run_report

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    """The ledger of a home in which commands are typed."""
    monkeypatch.setenv("TANDEM_HOME", str(tmp_path / "home"))
    for name in ("TANDEM_DATABASE_URL", "TANDEM_POLICY", "PREFECT_API_URL"):
        monkeypatch.delenv(name, raising=False)
    with open_ledger(None, tmp_path / "home") as opened:
        yield opened


def planned(ledger: Ledger, mode: str = "incremental") -> Plan:
    """A run that has come as far as its plan."""
    began = ledger.runs.begin(mode, NOON)
    made = replace(sample(), id="p" + began[1:], run=began, mode=mode)
    ledger.plans.store(made, NOON)
    return made


def done(ledger: Ledger) -> Plan:
    """A run that is over; its second change was refused."""
    made = planned(ledger)
    receipts = [Receipt("c1", Outcome.APPLIED), Receipt("c2", Outcome.REFUSED, reason="too long")]
    ledger.plans.mark_changes(made.id, receipts)
    ledger.plans.mark(made.id, "applied")
    ledger.runs.finish(made.run, "done", NOON)
    return made


def home(ledger: Ledger) -> Path:
    return ledger.connections.database.home


def test_report_in_the_home(kept: Ledger, capsys: Captured) -> None:
    """Readable by its owner alone, and the command says where it is; a run may be named by its plan."""
    made = done(kept)
    assert run(["report", made.id]) == 0
    path = home(kept) / "reports" / f"{made.run}.html"
    assert str(path) in " ".join(capsys.readouterr().out.split())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    html = path.read_text()
    assert "2 changes: 1 written, 1 refused." in html
    assert "too long" in html
    assert "Ana" in html


def test_forgetting_takes_reports_along(kept: Ledger) -> None:
    """Those that tell of the person go, whatever they tell of others; made again, they are without them."""
    made, began = done(kept), kept.runs.begin("incremental", NOON)
    told, other = report(made.run), report(began)
    traces = Traces(Subject(frozenset({PERSON}), frozenset({PERSON}), frozenset({PHONE}), frozenset({EMAIL})))
    assert sweep(kept.erasure, traces, NOON, lambda: None).rewritten["report"] == 1
    assert (told.exists(), other.exists()) == (False, True)
    kept.erasure.finish(traces, NOON, "the data officer")
    again = report(made.run).read_text()
    assert "2 changes: 1 written, 1 refused." in again
    assert not traces.told.search(again)
    assert "Ana" not in again


def test_what_it_took_is_kept(kept: Ledger) -> None:
    """Calls and what didn't stick, told long after; no value of anybody's is kept for it."""
    made = done(kept)
    carried_out = run_report(made, converged=False)
    with open_session() as session:
        spent = {"salesforce": {"read": 1, "write": 1}}
        keep_account(session, replace(carried_out, spent=spent, residuals=residual()))
        assert [past.calls for past in recount(session, kept.runs.get(made.run)).trend] == [{"salesforce": 3}]
    html = report(made.run).read_text()
    assert "1 value written and not found again" in html
    assert re.search(r"Salesforce</td><td class=\"n\">1</td><td class=\"n\">1 of 2</td><td class=\"n\">1 of 1", html)
    assert "else@example.com" not in str(kept.journal.entries(made.run))


def test_report_elsewhere(kept: Ledger, tmp_path: Path, capsys: Captured) -> None:
    """Somebody who takes it along is told that forgetting doesn't reach it there."""
    made, out = done(kept), tmp_path / "for the boss.html"
    assert run(["report", made.run, "--out", str(out)]) == 0
    assert "delete it" in capsys.readouterr().out
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


@pytest.mark.parametrize("which", ["r1", "p1", "../../etc/passwd", ""])
def test_unknown_run(kept: Ledger, capsys: Captured, which: str) -> None:
    assert run(["report", which]) == 2
    assert "There is no run" in capsys.readouterr().err


def test_place_that_cannot_be_written(kept: Ledger, tmp_path: Path, capsys: Captured) -> None:
    made = done(kept)
    assert run(["report", made.run, "--out", str(tmp_path / "nowhere" / "r.html")]) == 2
    assert "--out" in capsys.readouterr().err


def test_run_that_stopped_while_it_wrote(kept: Ledger) -> None:
    """The outbox knows what was sent and answered, though the plan doesn't yet."""
    made = planned(kept)
    sent = [Change(c, "aloware", "contacts", None, "create", {}, "+14155550100") for c in ("c1", "c2")]
    kept.outbox.intend(made.run, made.id, sent, NOON)
    kept.outbox.receive(made.run, made.id, [Receipt("c1", Outcome.APPLIED, "7")], NOON)
    html = report(made.run).read_text()
    assert "This run never finished: it stopped while it wrote." in html
    assert "2 changes: 1 written, 1 unsettled." in html


def test_run_at_work(kept: Ledger) -> None:
    """Whoever asks while it runs is told so."""
    made = planned(kept)
    with kept.lease.held(made.run, NOON):
        assert "This run is at work now." in report(made.run).read_text()


def test_run_without_a_plan(kept: Ledger) -> None:
    began = kept.runs.begin("incremental", NOON)
    assert "it stopped before it had a plan" in report(began).read_text()


def test_plan_of_which_files_are_gone(kept: Ledger) -> None:
    """What the database knows is told, and what is lost is said."""
    made = done(kept)
    for file in (home(kept) / "plans" / made.id).iterdir():
        file.unlink()
    html = report(made.run).read_text()
    assert "for files of it are gone or damaged" in html
    assert "2 changes: 1 written, 1 refused." in html


def test_plan_that_somebody_edited(kept: Ledger) -> None:
    """No page pretends that this was planned."""
    made = done(kept)
    with kept.connections.database.writing() as transaction:
        transaction.connection.exec_driver_sql("UPDATE changes SET reason = 'other'")
    with pytest.raises(UsageError, match="was edited"):
        report(made.run)


def test_trend_is_of_the_runs_up_to_this_one(kept: Ledger) -> None:
    """Plans that nobody applied aren't runs of anything; later runs aren't known yet."""
    first, draft = done(kept), planned(kept, "plan")
    last = done(kept)
    for number, made in enumerate((first, draft, last)):
        with kept.connections.database.writing() as transaction:
            at = f"UPDATE plans SET created_at = '2026-11-22T1{number}:00' WHERE id = '{made.id}'"
            transaction.connection.exec_driver_sql(at)
    assert [past.run for past in kept.trends.until(last.id, 12)] == [first.run, last.run]
    assert kept.trends.until(last.id, 12)[0].changes == {"applied": 1, "refused": 1}
    assert [past.run for past in kept.trends.until(first.id, 12)] == [first.run]
    assert [past.run for past in kept.trends.until(draft.id, 12)] == [first.run, draft.run]
