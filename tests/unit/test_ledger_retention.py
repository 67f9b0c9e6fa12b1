"""What is older than the policy keeps goes, by the day; what a run goes on from and what a plan waits for stays."""

import os
import tomllib
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from tasks.core.errors import UsageError
from tasks.core.evidence import Evidence
from tasks.core.model import Snapshot
from tasks.core.plan import Breaker, Verdict
from tasks.core.policy import Retention, parse
from tasks.core.run import Asked
from tasks.core.state import PEOPLE
from tasks.ledger import Ledger
from tasks.ledger.files import make_folder, save
from tests.unit.ledgers import FIELDS, NOON, ledger, plan, postgresql, table
from tests.unit.test_policy import SHIPPED

__all__ = ["ledger", "postgresql"]

DAYS = Retention(snapshots_days=30, plans_days=90, journal_days=365)
POLICY = parse(tomllib.loads(SHIPPED))
PHONE = {"type": "phone", "contact": "Phone", "aloware": "phone_number"}
HELD = Verdict("hold", (Breaker("salesforce.updates", 0.5, 0.3),))


def at(days: int) -> datetime:
    """A moment of the day so many days before noon's."""
    return NOON - timedelta(days=days)


def pulled(ledger: Ledger, run: str, days: int) -> None:
    frame = table(("record_id", "Name"), [("003", "Ann")])
    ledger.snapshots.store(run, [Snapshot("salesforce", at(days), {"Contact": frame}, watermark="w")])


def planned(ledger: Ledger, days: int, verdict: Verdict | None = None) -> str:
    """A plan of that age, with what it was made from."""
    made = plan(f"p{days}", f"r{days}", verdict)
    ledger.plans.store(replace(made, created_at=at(days)), at(days))
    ledger.evidence.store(made.id, Evidence(ledger.memory.state(FIELDS), POLICY, Asked("full"), {}, {}))
    return made.id


def test_old_snapshots_go_but_not_the_one_that_runs_go_on_from(ledger: Ledger) -> None:
    for run, days in (("r1", 40), ("r2", 39), ("r3", 30)):
        pulled(ledger, run, days)
    ledger.snapshots.accept("r1")
    assert ledger.retention.prune(DAYS, NOON)["snapshots"] == 1
    assert [ledger.snapshots.kept(run) for run in ("r1", "r2", "r3")] == [True, False, True]
    assert ledger.snapshots.latest("salesforce") is not None
    assert not (ledger.connections.database.home / "snapshots" / "r2").exists()
    assert ledger.retention.prune(DAYS, NOON)["snapshots"] == 0


def test_what_a_plan_that_waits_was_made_from_stays(ledger: Ledger) -> None:
    for days, verdict in ((101, None), (100, HELD)):  # a later plan takes the place of one that is held
        pulled(ledger, f"r{days}", days)
        ledger.plans.mark(planned(ledger, days), "applied" if verdict is None else "held")
    assert ledger.retention.prune(DAYS, NOON) == {"snapshots": 1, "plans": 1, "reports": 0, "journal": 0}
    assert ledger.plans.load("p100").id == "p100"
    with pytest.raises(UsageError, match="older than the policy keeps"):
        ledger.plans.load("p101")


def test_a_plan_that_nobody_applied_goes_as_any_other(ledger: Ledger) -> None:
    """Who plans every day and applies nothing keeps no more of people than the policy says."""
    pulled(ledger, "r91", 91)
    planned(ledger, 91)
    assert ledger.retention.prune(DAYS, NOON) == {"snapshots": 1, "plans": 1, "reports": 0, "journal": 0}
    with pytest.raises(UsageError, match="older than the policy keeps"):
        ledger.plans.load("p91")


def test_of_an_old_plan_the_head_stays_and_is_shown(ledger: Ledger) -> None:
    """How many changes it made can still be counted, and what they were be read."""
    ledger.plans.mark(planned(ledger, 91), "applied")
    ledger.retention.prune(DAYS, NOON)
    shown, status = ledger.plans.shown("p91")
    assert shown.checksum == ledger.plans.head("p91").checksum
    assert status.startswith("applied, and is older")


def test_evidence_goes_with_its_plan_and_shared_frames_with_the_last(ledger: Ledger) -> None:
    folder: Path = ledger.connections.database.home / "evidence"
    for days in (91, 89):
        ledger.plans.mark(planned(ledger, days), "applied")
    frames = sorted((folder / "frames").iterdir())
    ledger.retention.prune(DAYS, NOON)
    assert [path.name for path in folder.glob("*.json")] == ["p89.json"]
    assert sorted((folder / "frames").iterdir()) == frames
    ledger.retention.prune(DAYS, NOON + timedelta(days=2))
    assert [*folder.glob("*.json"), *(folder / "frames").iterdir()] == []


def test_evidence_that_a_later_plan_differs_from_stays(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.ledger.evidence.LARGE", 2)
    monkeypatch.setattr("tasks.ledger.evidence.HARDLY", 0.5)
    learned = {91: [("a", "+14155550001"), ("b", "+14155550002")], 89: [("a", "+14155550003")]}
    for days, keys in learned.items():
        with ledger.connections.database.writing() as transaction:
            people = table(PEOPLE, [(person, key, "hubspot") for person, key in keys], "person")
            transaction.each("upsert_person", people, {"run": f"r{days}", "now": NOON.isoformat()})
        pulled(ledger, f"r{days}", 0)
        ledger.plans.mark(planned(ledger, days), "applied")
    ledger.retention.prune(DAYS, NOON)
    folder: Path = ledger.connections.database.home / "evidence"
    assert [path.name for path in folder.glob("*.json")] == ["p89.json"]
    assert len([path for path in (folder / "frames").iterdir() if "key" in pd.read_parquet(path)]) == 2
    assert ledger.evidence.load("p89", "r89").state.people["key"].tolist() == ["+14155550003", "+14155550002"]


def test_journal_lines_go_by_the_day(ledger: Ledger) -> None:
    """All that was written on one day goes on one day."""
    for days in (366, 365):
        for hour in (-11, 11):
            ledger.journal.append(at(days) + timedelta(hours=hour), None, "tandem", f"{days}", "", {})
    assert ledger.retention.prune(DAYS, NOON + timedelta(hours=11))["journal"] == 2
    assert {entry.what for entry in ledger.journal.entries()} == {"365"}


def test_nought_keeps_for_ever(ledger: Ledger) -> None:
    pulled(ledger, "r1", 4000)
    ledger.plans.mark(planned(ledger, 4000), "applied")
    ledger.journal.append(at(4000), None, "tandem", "planned", "", {})
    assert ledger.retention.prune(Retention(0, 0, 0), NOON) == {"snapshots": 0, "plans": 0, "reports": 0, "journal": 0}


def test_the_shipped_policy_says_how_long_and_may_be_silent() -> None:
    """Without the section the defaults hold, which are what the shipped file says."""
    assert POLICY.retention == DAYS == parse({"fields": {"phone": PHONE}}).retention


def test_old_reports_go(ledger: Ledger) -> None:
    """They can be made again, and tell of people."""
    folder = make_folder(ledger.connections.database.home / "reports")
    for name, days in (("old", 91), ("young", 90)):
        save(folder / f"{name}.html", b"<html>")
        os.utime(folder / f"{name}.html", (at(days).timestamp(), at(days).timestamp()))
    assert ledger.retention.prune(DAYS, NOON)["reports"] == 1
    assert [path.name for path in folder.iterdir()] == ["young.html"]
