"""Plans come back exactly as they were stored, or not at all."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pandas.testing import assert_frame_equal
from sqlalchemy import text

from tasks.core.errors import TandemError, UsageError
from tasks.core.model import Outcome, Receipt
from tasks.core.plan import CELLS, CHANGES, COLLISIONS, CONFLICTS, QUARANTINE, REFUSED, Breaker, Finding, Plan, Verdict
from tasks.core.state import PEOPLE, base_columns
from tasks.ledger import Ledger
from tests.unit.ledgers import FIELDS, LATER, NOON, advance, ledger, plan, postgresql, table

__all__ = ["ledger", "postgresql"]

FULL = {
    "changes": table(
        CHANGES,
        [
            ("z9", "salesforce", "Contact", "003", "a", "update", "+12025550101", "Ann in HubSpot", "priority"),
            ("a1", "aloware", "contacts", None, "b", "create", "", 'née “Ünïcode” \\ "x" %s :y {z}', None),
        ],
    ),
    "cells": table(
        CELLS,
        [
            ("z9", "first_name", "FirstName", "", "Ann", "Ann", "hubspot:contacts:1"),
            ("z9", "email", "Email", "NA", "007", "1e5", ""),
            ("a1", "first_name", "first_name", None, "Bob", "Bob", None),
        ],
    ),
    "refused": table(
        REFUSED, [("salesforce", "Lead", "1", "a", "update", "", "email", "Email", None, "x" * 99, "too long")]
    ),
    "conflicts": table(CONFLICTS, [("k1", "a", "first_name", '{"hubspot":"Ann"}', "hubspot", "priority")]),
    "collisions": table(COLLISIONS, [("phone", "+12025550101", '["salesforce:Lead:1"]', None)]),
    "quarantine": table(QUARANTINE, [("hubspot", "contacts", "9", "no phone")]),
}
HELD = Verdict(
    outcome="hold",
    breakers=(Breaker("creates", 0.5, 0.3, frozenset({"a1", "b2"})),),
    findings=(Finding("after-state", "unique", "critical", 2, holds=True),),
)


def execute(ledger: Ledger, command: str) -> None:
    with ledger.connections.database.writing() as transaction:
        transaction.connection.execute(text(command))


def test_a_plan_comes_back_as_it_was(ledger: Ledger) -> None:
    stored = replace(plan(verdict=HELD, **FULL), forecast={"hubspot": {"read": 2, "write": 1}})
    ledger.plans.store(stored, NOON)
    loaded = ledger.plans.load("p1")
    assert loaded.checksum == stored.checksum
    for name, frame in FULL.items():
        assert_frame_equal(getattr(loaded, name), frame)
    for name in ("id", "run", "mode", "created_at", "settled", "verdict", "inputs", "linked", "forecast"):
        assert getattr(loaded, name) == getattr(stored, name), name


def test_an_empty_plan_comes_back_too(ledger: Ledger) -> None:
    ledger.plans.store(plan(), NOON)
    assert ledger.plans.load("p1").checksum == plan().checksum


def test_what_a_plan_will_teach_comes_back_as_it_was(ledger: Ledger) -> None:
    taught = advance(
        people=table(PEOPLE, [("a", "+12025550101", None)], "person"),
        bases=table(base_columns(FIELDS), [("x:y:1", "", None, "a", "A")], "ref"),
    )
    stored = Plan(**{**vars(plan()), "advance": taught})
    ledger.plans.store(stored, NOON)
    loaded = ledger.plans.load("p1").advance
    for name, frame in vars(taught).items():
        assert_frame_equal(getattr(loaded, name), frame)


def test_a_plans_files_are_private(ledger: Ledger) -> None:
    ledger.plans.store(plan(), NOON)
    files = list((ledger.plans.database.home / "plans" / "p1").iterdir())
    assert files
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE change_fields SET after = 'Eve' WHERE position = 0",
        "UPDATE change_fields SET before = NULL WHERE position = 0",
        "DELETE FROM changes WHERE id = 'a1'",
        "UPDATE quarantine SET reason = 'because'",
    ],
)
def test_a_plan_edited_in_the_database_is_refused(ledger: Ledger, edit: str) -> None:
    ledger.plans.store(plan(**FULL), NOON)
    execute(ledger, edit)
    with pytest.raises(TandemError, match="was edited in the database"):
        ledger.plans.load("p1")


def test_an_unknown_plan_is_a_usage_error(ledger: Ledger) -> None:
    for ask in (ledger.plans.load, ledger.plans.status, lambda name: ledger.plans.mark(name, "applied")):
        with pytest.raises(UsageError, match="no plan 'p404'"):
            ask("p404")


def test_a_plan_without_its_files_says_so(ledger: Ledger) -> None:
    ledger.plans.store(plan(), NOON)
    (ledger.plans.database.home / "plans" / "p1" / "golden.parquet").unlink()
    with pytest.raises(TandemError, match="tandem plan"):
        ledger.plans.load("p1")


def test_a_plan_is_held_when_the_gate_holds_any_of_it(ledger: Ledger) -> None:
    ledger.plans.store(plan("p1", verdict=HELD, **FULL), NOON)
    assert ledger.plans.status("p1") == "held"
    assert ledger.plans.outcomes("p1")["status"].to_dict() == {0: "planned", 1: "held"}
    ledger.plans.release(replace(ledger.plans.load("p1"), overrides=frozenset({"creates"})))
    assert set(ledger.plans.outcomes("p1")["status"]) == {"planned"}
    assert not ledger.plans.load("p1").waits


def test_a_later_plan_supersedes_the_held_one_only(ledger: Ledger) -> None:
    for number, verdict in enumerate((Verdict(), HELD, HELD, Verdict()), start=1):
        ledger.plans.store(plan(f"p{number}", verdict=verdict), NOON)
    assert [ledger.plans.status(f"p{number}") for number in range(1, 5)] == ["open", "superseded", "superseded", "open"]


def test_marking_leaves_the_checksum_alone(ledger: Ledger) -> None:
    ledger.plans.store(plan(**FULL), NOON)
    receipts = [Receipt("a1", Outcome.APPLIED, "77"), Receipt("z9", Outcome.REFUSED, reason="picklist")]
    ledger.plans.mark_changes("p1", receipts)
    ledger.plans.mark("p1", "applied")
    assert ledger.plans.outcomes("p1").to_dict("list") == {
        "id": ["z9", "a1"],
        "status": ["refused", "applied"],
        "note": ["picklist", ""],
    }
    assert ledger.plans.load("p1").checksum == plan(**FULL).checksum
    assert ledger.plans.status("p1") == "applied"


def test_conflicts_and_refusals_are_known_since_the_first_plan_that_had_them(ledger: Ledger) -> None:
    ledger.plans.store(plan("p1", **FULL), NOON)
    conflicts = table(CONFLICTS, [*FULL["conflicts"].itertuples(index=False), ("k2", "b", "email", "{}", None, "hold")])
    refused = FULL["refused"].assign(reason="still too long", after="y")
    other = refused.assign(property="LastName")
    for number in (2, 3):
        frames = {"conflicts": conflicts, "refused": table(REFUSED, [*refused.values.tolist(), *other.values.tolist()])}
        ledger.plans.store(plan(f"p{number}", **frames), LATER + timedelta(days=number))
    first, second = "2026-11-22T12:00:00.000000+00:00", "2026-11-24T13:00:00.000000+00:00"
    assert ledger.plans.conflicts_since("p3") == {"k1": first, "k2": second}
    assert ledger.plans.refused_since("p3") == [first, second]


def test_recent_plans_come_newest_first_and_a_run_knows_its_plan(ledger: Ledger) -> None:
    run = ledger.runs.begin("full", NOON)
    ledger.plans.store(plan("p1"), NOON)
    ledger.plans.store(Plan(**{**vars(plan("p2", run)), "created_at": LATER}), LATER)
    assert [head.id for head in ledger.plans.recent()] == ["p2", "p1"]
    assert [(head.checksum, head.created_at) for head in ledger.plans.recent(1)] == [(plan().checksum, LATER)]
    assert ledger.runs.get(run).plan == "p2"


def test_a_misshapen_plan_is_not_stored(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="columns"):
        ledger.plans.store(plan(changes=FULL["changes"][["id"]]), NOON)
    with pytest.raises(UsageError):
        ledger.plans.load("p1")
