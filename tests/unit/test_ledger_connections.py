"""Connections, generations, directions and rebasing."""

import pytest

from tasks.core.communications.communication import Communication
from tasks.core.errors import UsageError
from tasks.core.model import SCOPES, Change, Outcome, Receipt, Snapshot
from tasks.core.state import LINKS, SETTLED, base_columns, golden_columns
from tasks.ledger import Ledger
from tasks.ledger.communications import Ending
from tests.unit.ledgers import FIELDS, LATER, NOON, advance, ledger, plan, postgresql, table

__all__ = ["ledger", "postgresql"]


OBJECTS = {"salesforce": ["Contact"], "hubspot": ["contacts"]}


def test_a_connection_remembers_its_account_and_generation(ledger: Ledger) -> None:
    ledger.connections.connect("salesforce", "00D1", NOON)
    connection = ledger.connections.all()["salesforce"]
    assert (connection.account, connection.generation, connection.connected_at) == ("00D1", 1, NOON)
    assert connection.connected
    assert not connection.paused


def test_every_scope_is_inbound_until_somebody_says_otherwise(ledger: Ledger) -> None:
    assert ledger.connections.directions() == dict.fromkeys(SCOPES, "inbound")
    ledger.connections.set_direction("hubspot.update", "two-way", NOON)
    assert ledger.connections.directions()["hubspot.update"] == "two-way"


def test_connecting_again_starts_a_generation_and_closes_that_systems_scopes(ledger: Ledger) -> None:
    ledger.connections.connect("salesforce", "00D1", NOON)
    for scope in ("salesforce.update", "hubspot.update"):
        ledger.connections.set_direction(scope, "two-way", NOON)
    ledger.connections.disconnect("salesforce", NOON)
    assert not ledger.connections.all()["salesforce"].connected
    ledger.connections.connect("salesforce", "00D1", LATER)
    assert ledger.connections.all()["salesforce"].generation == 2
    assert ledger.connections.all()["salesforce"].connected
    assert ledger.connections.directions()["salesforce.update"] == "inbound"
    assert ledger.connections.directions()["hubspot.update"] == "two-way"
    assert ledger.connections.rebasing() == {"hubspot.update"}


def test_opening_a_scope_asks_for_a_rebase_once(ledger: Ledger) -> None:
    ledger.connections.set_direction("hubspot.update", "two-way", NOON)
    assert ledger.connections.rebasing() == {"hubspot.update"}
    ledger.connections.rebased(planned_at=NOON)  # that plan was made before the scope was opened
    assert ledger.connections.rebasing() == {"hubspot.update"}
    ledger.connections.rebased(planned_at=LATER)
    assert ledger.connections.rebasing() == frozenset()
    ledger.connections.set_direction("hubspot.update", "two-way", LATER)
    assert ledger.connections.rebasing() == frozenset()


def test_closing_a_scope_withdraws_its_rebase(ledger: Ledger) -> None:
    ledger.connections.set_direction("hubspot.update", "two-way", NOON)
    ledger.connections.set_direction("hubspot.update", "inbound", LATER)
    assert ledger.connections.rebasing() == frozenset()
    ledger.connections.set_direction("hubspot.update", "two-way", LATER)
    assert ledger.connections.rebasing() == {"hubspot.update"}


def test_a_new_generation_reads_everything_again(ledger: Ledger) -> None:
    """What was accepted is still what the next snapshot is measured by; how far it reached counts no more."""
    for system in ("salesforce", "hubspot"):
        ledger.connections.connect(system, "00D1", NOON)
    ledger.snapshots.store("r1", [Snapshot(name, NOON, {}, watermark="9") for name in ("salesforce", "hubspot")])
    ledger.snapshots.accept("r1")
    ledger.connections.connect("salesforce", "00D1", LATER)
    found = {name: ledger.snapshots.latest(name) for name in ("salesforce", "hubspot")}
    assert {name: snapshot and snapshot.watermark for name, snapshot in found.items()} == {
        "salesforce": None,
        "hubspot": "9",
    }
    assert list(ledger.snapshots.accepted_rows(OBJECTS)) == ["hubspot", "salesforce"]


def test_pausing_is_not_disconnecting(ledger: Ledger) -> None:
    ledger.connections.connect("hubspot", "42", NOON)
    ledger.connections.pause("hubspot")
    state = ledger.memory.state(FIELDS)
    assert (state.connected, state.paused) == ({"hubspot"}, {"hubspot"})
    ledger.connections.resume("hubspot")
    assert ledger.memory.state(FIELDS).paused == frozenset()


def test_what_is_not_connected_cannot_be_paused_or_disconnected(ledger: Ledger) -> None:
    ledger.connections.connect("hubspot", "42", NOON)
    ledger.connections.disconnect("hubspot", NOON)
    with pytest.raises(UsageError, match="tandem connect hubspot"):
        ledger.connections.pause("hubspot")
    with pytest.raises(UsageError, match="tandem connect aloware"):
        ledger.connections.disconnect("aloware", NOON)


def test_unknown_names_are_refused_with_the_known_ones(ledger: Ledger) -> None:
    with pytest.raises(UsageError, match=r"aloware"):
        ledger.connections.connect("pipedrive", "1", NOON)
    with pytest.raises(UsageError, match=r"hubspot\.disposition"):
        ledger.connections.set_direction("hubspot.everything", "two-way", NOON)


def test_another_account_is_refused_and_changes_nothing(ledger: Ledger) -> None:
    ledger.connections.connect("salesforce", "00D1", NOON)
    ledger.connections.set_direction("salesforce.update", "two-way", NOON)
    with pytest.raises(UsageError, match=r"00D1.*00D2.*--replace"):
        ledger.connections.connect("salesforce", "00D2", LATER)
    assert ledger.connections.all()["salesforce"].account == "00D1"
    assert ledger.connections.directions()["salesforce.update"] == "two-way"


def test_replacing_an_account_forgets_that_systems_records_and_no_others(ledger: Ledger) -> None:
    ledger.connections.connect("salesforce", "00D1", NOON)
    mine, theirs = "salesforce:Contact:1", "hubspot:contacts:1"
    ledger.memory.advance(
        advance(
            links=table(
                LINKS,
                [("salesforce", "Contact", "1", "a", "representative"), ("hubspot", "contacts", "1", "a", "shadow")],
            ),
            bases=table(base_columns(FIELDS), [(ref, "Ann", "Ann", None, None) for ref in (mine, theirs)], "ref"),
            golden=table(golden_columns(FIELDS), [("a", "Ann", "salesforce", "ann@x", "hubspot")], "person"),
            settled=table(SETTLED, [(ref, "email", "a", "b", "reformatted") for ref in (mine, theirs)]),
        ),
        "r1",
        NOON,
    )
    ledger.snapshots.store("r1", [Snapshot(name, NOON, {}, watermark="9") for name in ("salesforce", "hubspot")])
    ledger.snapshots.accept("r1")
    run = ledger.runs.begin("full", NOON)
    ledger.plans.store(plan("p1"), NOON)
    ledger.outbox.intend(
        run, "p1", [Change(system, system, "C", "1", "update", {}) for system in ("salesforce", "hubspot")], NOON
    )
    ledger.outbox.receive(run, "p1", [Receipt("salesforce", Outcome.FAILED, reason="timeout")], NOON)

    ledger.connections.connect("salesforce", "00D2", LATER, replace=True)

    state = ledger.memory.state(FIELDS)
    assert list(state.links.index) == list(state.bases.index) == list(state.settled["ref"]) == [theirs]
    assert dict(state.golden.loc["a"]) == {
        "first_name": "Ann",
        "first_name_from": "",
        "email": "ann@x",
        "email_from": "hubspot",
    }
    assert list(ledger.snapshots.accepted_rows(OBJECTS)) == ["hubspot"]
    assert [intent.change.system for intent in ledger.outbox.open_intents()] == ["hubspot"]
    assert ledger.plans.status("p1") == "superseded"
    assert ledger.connections.all()["salesforce"].account == "00D2"


def test_who_had_a_crm_record_once_is_remembered_when_its_account_is_replaced(ledger: Ledger) -> None:
    """Else everybody whom only the old account knew would count as born in Aloware, and be created in the new one."""
    for system in ("salesforce", "aloware"):
        ledger.connections.connect(system, "1", NOON)
    rows = [("salesforce", "Contact", "1", "a", "representative"), ("aloware", "contacts", "7", "a", "representative")]
    rows += [("aloware", "contacts", "8", "b", "representative")]
    ledger.memory.advance(advance(links=table(LINKS, rows)), "r1", NOON)
    assert ledger.memory.state(FIELDS).once_in_crm == frozenset()
    ledger.connections.connect("salesforce", "2", LATER, replace=True)
    assert ledger.memory.state(FIELDS).once_in_crm == {"a"}


def test_tasks_of_an_org_that_was_replaced_mean_nothing_any_more(ledger: Ledger) -> None:
    """What is heard of their calls later is none of the new org's Tasks; whether anybody else logs calls there is asked
    before the first."""
    first, later = Communication("1", notes="first"), Communication("1", notes="later", updated_at=LATER.isoformat())
    for system in ("salesforce", "hubspot"):
        ledger.connections.connect(system, "1", NOON)
    ledger.communications.add([first], NOON)
    ledger.communications.settle([Ending("1", "logged", who="003A", task="00T1", logged="digest")], "run")
    ledger.connections.connect("hubspot", "2", LATER, replace=True)
    assert ledger.communications.begun()
    ledger.connections.connect("salesforce", "2", LATER, replace=True)
    ledger.communications.add([later], LATER)
    (due,) = ledger.communications.due()
    assert (due.task, due.who, due.logged, due.communication.notes) == (None, None, None, "later")
    assert not ledger.communications.begun()
