"""The digest: what changed since the last one and what waits for whom, counted, as text and as HTML."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from flows.digest import digest
from tasks.core.communications.communication import Communication
from tasks.core.digest import Digest, Done, Waiting
from tasks.ledger import Ledger, open_ledger
from tasks.ledger.communications import Ending
from tasks.report.letter import letter
from tests.unit.ledgers import NOON, advance, ledger, postgresql, table
from tests.unit.sample_plans import EMAIL, PHONE, sample
from tests.unit.test_tell import done

__all__ = ["ledger", "postgresql"]

SETTLED = ("ref", "field", "golden", "value", "reason")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for the flow."""
    monkeypatch.setenv("TANDEM_HOME", str(tmp_path / "home"))
    for name in ("TANDEM_DATABASE_URL", "TANDEM_POLICY", "PREFECT_API_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"


def told(**known: object) -> Digest:
    return Digest(**({"since": NOON - timedelta(days=1), "until": NOON} | known))


def test_what_waits_in_the_ledger(ledger: Ledger) -> None:
    """Held changes, open conflicts, collisions, quarantine, parked values: each with what it is about."""
    ledger.plans.store(sample(held=True), NOON)
    parked = ("salesforce:Contact:003A", "company", "A", "B", "parked: read-only")
    ledger.memory.advance(advance(settled=table(SETTLED, [parked])), "r1", NOON)
    waiting = {(w.what, w.subject): w.number for w in ledger.digests.until(NOON).waiting}
    assert waiting == {
        ("held", "p1"): 1,
        ("conflict", "phone"): 1,
        ("collision", "shared-number"): 1,
        ("quarantine", "hubspot contacts"): 1,
        ("parked", "company"): 1,
    }


def test_what_changed_is_told_once(ledger: Ledger) -> None:
    """The next digest begins where the last one ended."""
    done(ledger)
    first = ledger.digests.until(NOON)
    assert [(d.system, d.status, d.number) for d in first.done] == [
        ("salesforce", "refused", 1),
        ("aloware", "applied", 1),
    ]
    assert first.since is None
    ledger.digests.told(first)
    second = ledger.digests.until(NOON + timedelta(days=1))
    assert (second.since, second.done, second.runs) == (NOON, [], [])


def test_everybody_is_told_what_to_do() -> None:
    """Whoever reads it finds their own part, and the command to type."""
    waiting = [Waiting("held", "p1", 1400, "2026-11-20T08:00:00"), Waiting("quarantine", "hubspot contacts", 1)]
    written = letter(
        told(done=[Done("aloware", "update", "applied", 14)], waiting=waiting, runs=[("done", 96), ("", 1)])
    )
    assert written.subject == "Tandem: 14 changes written, 2 things to do"
    lines = written.text.splitlines()
    approving = lines.index("Whoever approves:")
    assert lines[approving + 2].startswith(
        "- 1,400 changes held by the gate in plan p1, since 2026-11-20: `tandem show p1`"
    )
    assert "- Aloware: 14 updates written" in lines
    assert "- Runs: 96 done, 1 never finished" in lines
    assert "- 1 record left out of HubSpot contacts: correct their numbers" in written.text


def test_a_quiet_day() -> None:
    written = letter(told())
    assert written.subject == "Tandem: 0 changes written, nothing waits"
    assert "Nothing was written." in written.text
    assert "Nothing waits for anybody." in written.html


def test_html_needs_nothing_and_obeys_nobody() -> None:
    """Mail programs drop scripts and styles of a page: there are none. What a vendor said is text."""
    html = letter(told(waiting=[Waiting("task", f"<img src=x> {EMAIL} {PHONE}", 1)])).html
    assert not re.search(r"<(script|style|link|img)\b|\b(src|href)=[\"']", html)
    assert "&lt;img" in html
    assert EMAIL not in html
    assert PHONE not in html


def test_letter_lies_in_the_home(home: Path) -> None:
    """Without Prefect the flow writes it and gives it back; it names nobody."""
    with open_ledger(None, home) as ledger:
        made = done(ledger)
        ledger.plans.store(
            replace(sample(held=True), id="p2", run=made.run, created_at=NOON + timedelta(hours=1)), NOON
        )
        ledger.communications.add([Communication("1")], NOON)
        ledger.communications.settle([Ending("1", "waiting", "nobody there has that number")], made.run)
    written = digest()
    assert (home / "digest" / "digest.txt").read_text() == written.text
    assert (home / "digest" / "digest.html").read_text() == written.html
    assert "1 change held by the gate in plan p2" in written.text
    assert "1 call or message that can't be logged yet (nobody there has that number)" in written.text
    assert "Ana" not in written.text + written.html
    assert "Nothing was written." in digest().text
