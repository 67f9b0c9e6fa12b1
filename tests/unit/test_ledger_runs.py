"""Runs and their snapshots, the outbox, and the journal."""

from dataclasses import replace

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from tasks.core.errors import UsageError
from tasks.core.model import Change, Outcome, Property, Receipt, Snapshot
from tasks.ledger import Ledger
from tasks.ledger.snapshots import digest
from tests.unit.ledgers import LATER, NOON, ledger, postgresql, table

__all__ = ["ledger", "postgresql"]

TIMES = pd.to_datetime(["2026-01-01T00:00:00.000001Z", None], utc=True).astype("datetime64[ns, UTC]")
PULLED = Snapshot(
    system="hubspot",
    taken_at=NOON,
    frames={
        "contacts": table(["record_id", "firstname"], [("1", "NA"), ("2", None)]).assign(modified_at=TIMES),
        "companies": table(["record_id"], []),
    },
    schema={"contacts": {"firstname": Property("firstname", length=40, options=("a", "b"))}},
    gone={"hubspot:contacts:9": "hubspot:contacts:1"},
    watermark="1767225600000",
)


def test_a_run_begins_and_ends(ledger: Ledger) -> None:
    run = ledger.runs.begin("incremental", NOON)
    assert run.startswith("r20261122-120000-")
    assert ledger.runs.get(run).finished_at is None
    ledger.runs.finish(run, "done", LATER)
    ended = ledger.runs.get(run)
    assert (ended.mode, ended.started_at, ended.finished_at, ended.outcome) == ("incremental", NOON, LATER, "done")


def test_the_latest_run_is_the_one_that_began_last(ledger: Ledger) -> None:
    assert ledger.runs.latest() is None
    later = ledger.runs.begin("full", LATER)
    ledger.runs.begin("full", NOON)
    latest = ledger.runs.latest()
    assert latest is not None
    assert latest.id == later


def test_an_unknown_run_is_a_usage_error(ledger: Ledger) -> None:
    with pytest.raises(UsageError, match="no run 'r404'"):
        ledger.runs.get("r404")


def test_a_snapshot_comes_back_as_it_was(ledger: Ledger) -> None:
    ledger.snapshots.store("r1", [PULLED])
    loaded = ledger.snapshots.load("r1")["hubspot"]
    for name, frame in PULLED.frames.items():
        assert_frame_equal(loaded.frames[name], frame)
    assert (loaded.schema, loaded.gone) == (PULLED.schema, PULLED.gone)
    assert (loaded.taken_at, loaded.watermark) == (NOON, PULLED.watermark)
    assert ledger.snapshots.load("r2") == {}


def test_a_snapshots_files_are_private(ledger: Ledger) -> None:
    ledger.snapshots.store("r1", [PULLED])
    files = list((ledger.snapshots.database.home / "snapshots" / "r1" / "hubspot").iterdir())
    assert sorted(file.name for file in files) == ["companies.parquet", "contacts.parquet", "rest.json"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_a_digest_names_the_content_whatever_its_order(ledger: Ledger) -> None:
    contacts = PULLED.frames["contacts"]
    turned = contacts.iloc[::-1].reset_index(drop=True)[contacts.columns[::-1]]
    same = replace(PULLED, frames={"companies": PULLED.frames["companies"], "contacts": turned}, taken_at=LATER)
    assert ledger.snapshots.store("r1", [PULLED]) == ledger.snapshots.store("r2", [same])
    assert ledger.snapshots.load("r2")["hubspot"].taken_at == LATER


def test_the_last_accepted_snapshot_and_its_watermark_move_together(ledger: Ledger) -> None:
    """What a run pulled is gone on from once it is accepted, and not before; systems are looked at one by one."""
    assert ledger.snapshots.latest("hubspot") is None
    assert ledger.snapshots.accepted_rows({"hubspot": ["contacts", "companies"]}) == {}
    empty = replace(PULLED, frames={"contacts": PULLED.frames["contacts"].iloc[:0]}, watermark="later")
    for run, pulled in (("r1", empty), ("r2", PULLED), ("r3", empty)):
        ledger.snapshots.store(run, [pulled])
    for run in ("r1", "r2"):
        ledger.snapshots.accept(run)
    latest = ledger.snapshots.latest("hubspot")
    assert latest is not None
    assert (len(latest.frames["contacts"]), latest.watermark) == (2, PULLED.watermark)
    assert ledger.snapshots.latest("aloware") is None
    assert ledger.snapshots.accepted_rows({"hubspot": ["contacts", "companies"]}) == {"hubspot": 2}


def test_a_system_without_a_watermark_is_accepted_too(ledger: Ledger) -> None:
    ledger.snapshots.store("r1", [replace(PULLED, watermark=None)])
    ledger.snapshots.accept("r1")
    latest = ledger.snapshots.latest("hubspot")
    assert latest is not None
    assert latest.watermark is None


@pytest.mark.parametrize("value", ["", "Na", "NA "])
def test_a_digest_changes_with_any_value(value: str) -> None:
    contacts = PULLED.frames["contacts"]
    edited = contacts.assign(firstname=pd.Series([value, None], dtype="str"))
    blanked = contacts.assign(firstname=pd.Series(["NA", ""], dtype="str"))
    digests = {digest(replace(PULLED, frames={"contacts": frame})) for frame in (contacts, edited, blanked)}
    assert len(digests) == 3


def changes() -> list[Change]:
    return [
        Change("c1", "salesforce", "Contact", "003", "update", {"FirstName": "Zoë", "Email": ""}),
        Change("c2", "aloware", "contacts", None, "create", {"first_name": "Bob"}, phone="+12025550101"),
    ]


def test_an_intent_is_open_until_it_was_answered_and_its_run_concluded(ledger: Ledger) -> None:
    run = ledger.runs.begin("full", NOON)
    ledger.outbox.intend(run, "p1", changes(), NOON)
    intents = ledger.outbox.open_intents()
    assert [intent.change for intent in intents] == changes()
    assert {(intent.run, intent.plan, intent.intended_at, intent.outcome) for intent in intents} == {
        (run, "p1", NOON, None)
    }
    ledger.outbox.receive(run, "p1", [Receipt("c1", Outcome.FAILED), Receipt("c2", Outcome.APPLIED, "77")], LATER)
    answered = [(i.change.id, i.change.record_id, i.outcome) for i in ledger.outbox.open_intents()]
    assert answered == [("c1", "003", Outcome.FAILED), ("c2", "77", Outcome.APPLIED)]
    ledger.runs.finish(run, "done", LATER)
    assert [intent.change.id for intent in ledger.outbox.open_intents()] == ["c1"]


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.STALE])
def test_these_outcomes_close_an_intent_at_once(ledger: Ledger, outcome: Outcome) -> None:
    run = ledger.runs.begin("full", NOON)
    ledger.outbox.intend(run, "p1", changes()[:1], NOON)
    ledger.outbox.receive(run, "p1", [Receipt("c1", outcome)], LATER)
    assert ledger.outbox.open_intents() == []


def test_asking_again_reopens_what_failed_and_never_what_was_applied(ledger: Ledger) -> None:
    run = ledger.runs.begin("full", NOON)
    ledger.outbox.intend(run, "p1", changes(), NOON)
    ledger.outbox.receive(run, "p1", [Receipt("c1", Outcome.APPLIED), Receipt("c2", Outcome.FAILED)], NOON)
    ledger.outbox.intend(run, "p1", changes(), LATER)
    outcomes = {intent.change.id: (intent.outcome, intent.intended_at) for intent in ledger.outbox.open_intents()}
    assert outcomes == {"c1": (Outcome.APPLIED, NOON), "c2": (None, LATER)}


@pytest.mark.parametrize("outcome", [None, Outcome.FAILED, Outcome.STALE, Outcome.APPLIED, Outcome.REFUSED])
@pytest.mark.parametrize("ending", [None, "interrupted", "done"])
def test_a_create_is_in_doubt_until_a_concluded_run_has_learned_its_answer(
    ledger: Ledger, outcome: Outcome | None, ending: str | None
) -> None:
    run = ledger.runs.begin("full", NOON)
    ledger.outbox.intend(run, "p1", changes(), NOON)
    if outcome:
        ledger.outbox.receive(run, "p1", [Receipt("c2", outcome)], LATER)
    if ending:
        ledger.runs.finish(run, ending, LATER)
    learned = ending == "done" and outcome in (Outcome.APPLIED, Outcome.REFUSED)
    assert ledger.outbox.creates_in_doubt("aloware", NOON) is not learned
    assert not ledger.outbox.creates_in_doubt("aloware", LATER), "what was pulled since would hold it"
    assert not ledger.outbox.creates_in_doubt("salesforce", NOON), "an update is no create"


def test_the_journal_tells_what_happened_in_order(ledger: Ledger) -> None:
    ledger.journal.append(LATER, "r1", "ann", "approved", "p1", {"breakers": ["creates"], "n": 2})
    ledger.journal.append(NOON, None, "bob", "connected", "hubspot", {})
    everything = ledger.journal.entries()
    assert [(entry.who, entry.run, entry.at) for entry in everything] == [("ann", "r1", LATER), ("bob", None, NOON)]
    assert [entry.details for entry in ledger.journal.entries("r1")] == [{"breakers": ["creates"], "n": 2}]
    assert everything[0].seq < everything[1].seq


def test_rows_are_counted_of_the_objects_that_are_asked_for(ledger: Ledger) -> None:
    """What a module held that is off now says nothing of whether the others shrank."""
    ledger.connections.connect("hubspot", "42", NOON)
    ledger.snapshots.store("r1", [PULLED])
    ledger.snapshots.accept("r1")
    counted = [ledger.snapshots.accepted_rows({"hubspot": names}) for names in (["contacts"], ["companies"], ["deals"])]
    assert counted == [{"hubspot": 2}, {"hubspot": 0}, {"hubspot": 0}]


def test_what_a_plan_has_asked_for_so_far_is_known(ledger: Ledger) -> None:
    """All its writes with their answers; and until its run is over it is begun."""
    run = ledger.runs.begin("incremental", NOON)
    ledger.outbox.intend(run, "p1", changes(), NOON)
    ledger.outbox.receive(run, "p1", [Receipt("c1", Outcome.REFUSED, reason="no such thing")], LATER)
    known = {intent.change.id: (intent.outcome, intent.reason) for intent in ledger.outbox.of_plan("p1")}
    assert known == {"c1": (Outcome.REFUSED, "no such thing"), "c2": (None, "")}
    assert ledger.outbox.of_plan("p2") == []
    assert ledger.outbox.begun() == {"p1": run}
    ledger.runs.finish(run, "done", LATER)
    assert ledger.outbox.begun() == {}


def test_a_crms_create_is_doubtful_until_it_is_answered(ledger: Ledger) -> None:
    run = ledger.runs.begin("incremental", NOON)
    create = Change("c3", "hubspot", "contacts", None, "create", {"lastname": "Lee"})
    ledger.outbox.intend(run, "p1", [*changes(), create], NOON)
    assert ledger.outbox.doubtful_creates("p1") == ["c3"], "Aloware's are found by their number"
    ledger.outbox.receive(run, "p1", [Receipt("c3", Outcome.APPLIED, "71")], LATER)
    assert ledger.outbox.doubtful_creates("p1") == []


def test_asking_for_more_of_an_applied_change_opens_it_again(ledger: Ledger) -> None:
    run = ledger.runs.begin("incremental", NOON)
    first = Change("c1", "salesforce", "Contact", "003", "update", {"LastName": "Lee"})
    ledger.outbox.intend(run, "p1", [first], NOON)
    ledger.outbox.receive(run, "p1", [Receipt("c1", Outcome.APPLIED, "003")], NOON)
    ledger.outbox.intend(run, "p1", [replace(first, fields={"FirstName": "Ann"})], LATER)
    (again,) = ledger.outbox.of_plan("p1")
    assert (again.change.fields, again.outcome) == ({"FirstName": "Ann"}, None)
