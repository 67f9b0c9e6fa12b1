"""Each question of a data team has a view; what it must show it shows, and nothing that it mustn't."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from tasks.core.model import Change, Outcome, Receipt, Snapshot
from tasks.core.plan import CHANGES, COLLISIONS, CONFLICTS, QUARANTINE, Breaker, Verdict
from tasks.core.state import SETTLED
from tasks.ledger import Ledger
from tests.unit.ledgers import LATER, NOON, advance, ledger, plan, postgresql, table

__all__ = ["ledger", "postgresql"]


def rows(ledger: Ledger, select: str) -> list[tuple[object, ...]]:
    """What an analyst who asks that is told, in order."""
    with ledger.connections.database.reading() as transaction:
        return sorted((tuple(row) for row in transaction.connection.execute(text(select))), key=repr)


def execute(ledger: Ledger, command: str) -> None:
    with ledger.connections.database.writing() as transaction:
        transaction.connection.execute(text(command))


def changes(*ids: str, rule: str = "priority", kind: str = "update") -> dict[str, object]:
    given: Sequence[tuple[object, ...]] = [
        (id_, "salesforce", "Contact", f"00{id_}", "a", kind, "+12025550101", "edited", rule) for id_ in ids
    ]
    return {"changes": table(CHANGES, list(given))}


@pytest.fixture
def planned(ledger: Ledger) -> Ledger:
    """Two plans: what was asked in the first isn't in the second, which was made later."""
    for name, at, ref in (("1", NOON, "1"), ("2", LATER, "2")):
        made = plan(
            f"p{name}",
            f"r{name}",
            conflicts=table(
                CONFLICTS,
                [
                    (f"{ref}/email", ref, "email", "{}", None, "hold"),
                    (f"{ref}/name", ref, "name", "{}", "hubspot", "rank"),
                ],
            ),
            collisions=table(COLLISIONS, [("phone", f"+1202555010{name}", "[]", None)]),
            quarantine=table(QUARANTINE, [("hubspot", "contacts", ref, "no phone")]),
            **changes("c1", "c2", rule="priority" if name == "1" else "recency"),
        )
        ledger.plans.store(replace(made, created_at=at), at)
    return ledger


def test_open_conflicts_are_those_of_the_latest_plan_without_a_winner(planned: Ledger) -> None:
    assert rows(planned, "SELECT id, plan FROM audit_open_conflicts") == [("2/email", "p2")]


def test_collisions_and_quarantine_are_those_of_the_latest_plan(planned: Ledger) -> None:
    assert rows(planned, "SELECT phone FROM audit_collisions") == [("+12025550102",)]
    assert rows(planned, "SELECT record_id, reason FROM audit_quarantine") == [("2", "no phone")]
    planned.plans.mark("p2", "rejected")
    assert rows(planned, "SELECT record_id FROM audit_quarantine") == [("1",)]


def test_changes_are_counted_by_rule_and_by_run(planned: Ledger) -> None:
    planned.plans.mark_changes("p1", [Receipt("c1", Outcome.APPLIED)])
    by_rule = rows(planned, "SELECT rule, status, changes FROM audit_changes_by_rule")
    assert by_rule == [("priority", "applied", 1), ("priority", "planned", 1), ("recency", "planned", 2)]
    by_run = rows(planned, "SELECT run, status, changes FROM audit_changes_by_run")
    assert by_run == [("r1", "applied", 1), ("r1", "planned", 1), ("r2", "planned", 2)]


def test_unsettled_writes_have_no_answer_or_failed(ledger: Ledger) -> None:
    ids = ("silent", "failed", "applied", "refused", "stale")
    sent = [Change(id_, "hubspot", "contacts", "1", "update", {}, "") for id_ in ids]
    ledger.outbox.intend("r1", "p1", sent, NOON)
    receipts = [Receipt(id_, Outcome(id_)) for id_ in ids if id_ != "silent"]
    ledger.outbox.receive("r1", "p1", receipts, LATER)
    assert rows(ledger, "SELECT change, outcome FROM audit_unsettled_writes") == [
        ("failed", "failed"),
        ("silent", None),
    ]


def test_held_are_changes_that_wait_in_the_plan_that_is_held_now(ledger: Ledger) -> None:
    verdict = Verdict("hold", (Breaker("salesforce.updates", 1, 0.3, frozenset({"c2"})),))
    for name in ("1", "2"):
        ledger.plans.store(plan(f"p{name}", f"r{name}", verdict, **changes("c1", "c2")), NOON)
    assert rows(ledger, "SELECT plan, change FROM audit_held") == [("p2", "c2")]
    ledger.plans.mark("p2", "rejected")
    assert rows(ledger, "SELECT plan FROM audit_held") == []


def test_approvals_tell_who_when_and_why(ledger: Ledger) -> None:
    for what in ("planned", "approved", "rejected", "applied"):
        ledger.journal.append(NOON, "r1", "ann", what, "p1", {"reason": "it is right"})
    told = rows(ledger, "SELECT what, who, plan, details FROM audit_approvals")
    assert told == [(what, "ann", "p1", '{"reason":"it is right"}') for what in ("approved", "rejected")]


def test_decisions_tell_who_when_why_and_what_became_of_them(ledger: Ledger) -> None:
    for field, ending in (("email", "NULL"), ("phone", "'taken'")):
        columns = "(person, field, value, sides, who, reason, plan, at, run, ending)"
        values = f"('a', '{field}', 'x', '{{}}', 'ann', 'asked her', 'p1', '2026', NULL, {ending})"
        execute(ledger, f"INSERT INTO decisions {columns} VALUES {values}")
    told = rows(ledger, "SELECT who, reason, field, ending FROM audit_decisions")
    assert told == [("ann", "asked her", "email", None), ("ann", "asked her", "phone", "taken")]


def test_parked_are_only_those_that_a_system_refused_for_good(ledger: Ledger) -> None:
    settled = [
        ("hubspot:contacts:1", "email", "a@x.io", "", "parked: INVALID_EMAIL"),
        ("hubspot:contacts:2", "email", "a@x.io", "", "left blank"),
    ]
    ledger.memory.advance(advance(settled=table(SETTLED, settled)), "r1", NOON)
    assert rows(ledger, "SELECT ref, reason FROM audit_parked") == [("hubspot:contacts:1", "parked: INVALID_EMAIL")]


def test_stale_watermarks_are_of_systems_that_the_latest_reconcile_did_not_accept(ledger: Ledger) -> None:
    """One that was never pulled, one of before a run that was held; not one that is up to date, nor one that is no
    longer connected. A plan accepts nothing, and makes nothing stale."""
    for system in ("salesforce", "hubspot", "aloware"):
        ledger.connections.connect(system, "1", NOON)
    for n, system in ((0, "salesforce"), (2, "hubspot")):
        run = ledger.runs.begin("full", NOON + timedelta(hours=n))
        taken = Snapshot(system, NOON + timedelta(hours=n, minutes=1), {}, watermark="w")
        ledger.snapshots.store(run, [taken])
        ledger.snapshots.accept(run)
    ledger.runs.begin("plan", NOON + timedelta(hours=3))
    told = rows(ledger, "SELECT system, runs_since FROM audit_stale_watermarks")
    assert told == [("aloware", 2), ("salesforce", 1)]
    ledger.connections.disconnect("aloware", LATER)
    assert rows(ledger, "SELECT system FROM audit_stale_watermarks") == [("salesforce",)]
