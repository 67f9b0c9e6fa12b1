"""Runs that something comes between: a person, an admin, a vendor's refusal, a crash. Nothing is lost or done twice."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from flows.apply import apply
from flows.connections import set_direction
from flows.plan import plan
from flows.reconcile import reconcile
from tasks.core.model import SCOPES
from tasks.ledger.outbox import Outbox
from tasks.session import open_session
from tasks.write import read_back
from tests.flows.worlds import Day, Known, Office, Play, Scene, connected, impatient, number, planned

between, refused, unanswered = Play("planned_day"), Play("refused_day"), Play("unanswered_day")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Every scope two-way; everybody agrees, before and after each test."""
    with connected(tmp_path_factory.mktemp("two-way"), scopes=SCOPES, stock=22) as office:
        yield office


@pytest.fixture(scope="module")
def planned_day(office: Office) -> Day:
    """A plan, that plan applied, and two whole runs."""
    return between.act(office, [plan, apply_latest, reconcile, reconcile])


@pytest.fixture(scope="module")
def refused_day(office: Office) -> Day:
    return refused.act(office)


@pytest.fixture(scope="module")
def unanswered_day(office: Office) -> Iterator[Day]:
    """Of a run's creates half is done in each CRM; of a later one's, all, but Salesforce doesn't say so."""
    with pytest.MonkeyPatch.context() as patch:
        impatient(patch)

        def half() -> Any:
            for system, match in (("hubspot", "/batch/"), ("salesforce", "/composite/")):
                office.person.break_next(system, "partial", match)
            return reconcile()

        def silent() -> Any:
            office.person.break_next("salesforce", "timeout", "/composite/sobjects")
            with pytest.MonkeyPatch.context() as hurry:
                hurry.setenv("TANDEM_HTTP_TIMEOUT", "0.5")
                return reconcile()

        yield unanswered.act(office, [half, reconcile, silent, reconcile, reconcile])


def apply_latest() -> Any:
    with open_session() as session:
        latest = session.ledger.plans.recent(1)[0].id
    return apply(latest)


def name_of(office: Office, known: Known) -> str:
    """The last name in Salesforce."""
    return str(office.person.in_salesforce("Contact", known.phone)[0]["LastName"])


def born_in_aloware(office: Office, how_many: int) -> list[str]:
    """Numbers of contacts that agents made and no CRM knows."""
    phones = [number() for _ in range(how_many)]
    for phone in phones:
        office.person.create_in_aloware(phone_number=phone, first_name="New", last_name=f"N{phone[-4:]}")
    return phones


def once_in_each_crm(office: Office, phones: list[str]) -> bool:
    found = [(office.person.in_salesforce("Contact", phone), office.person.in_hubspot(phone)) for phone in phones]
    return all(len(contacts) == len(records) == 1 for contacts, records in found)


# Between a plan and its apply.


@between
def test_an_edit_of_the_target_makes_that_cell_stale_and_is_not_overwritten(office: Office) -> Scene:
    lee, ray = office.stock.pop(), office.stock.pop()
    for each in (lee, ray):
        office.person.edit_in_aloware(each.aloware, last_name="Agent", first_name="Agent")
    yield
    office.person.edit_in_salesforce("Contact", lee.salesforce, LastName="Meanwhile")
    report = yield
    (first,), (second,) = (office.person.in_salesforce("Contact", each.phone) for each in (lee, ray))
    assert (first["FirstName"], first["LastName"]) == ("Agent", "Meanwhile")
    assert (second["FirstName"], second["LastName"]) == ("Agent", "Agent")
    assert not report.converged
    yield
    assert office.contact(lee.phone)["last_name"] == "Meanwhile", "salesforce has priority in a conflict"
    report = yield
    assert planned(report, lee.phone) == []


@between
def test_an_edit_of_the_source_makes_the_change_stale(office: Office) -> Scene:
    lee = office.stock.pop()
    office.person.edit_in_salesforce("Contact", lee.salesforce, LastName="First thought")
    yield
    office.person.edit_in_salesforce("Contact", lee.salesforce, LastName="Second thought")
    report = yield
    assert report.receipts["stale"] >= 1
    assert office.contact(lee.phone)["last_name"] == "Lee"
    yield
    assert office.contact(lee.phone)["last_name"] == "Second thought"


@between
def test_a_stale_plan_never_reaches_a_crm(office: Office) -> Scene:
    """What an agent typed is in the plan; then the agent thinks again, and the plan is applied all the same."""
    lee, ray = office.stock.pop(), office.stock.pop()
    for each in (lee, ray):
        office.person.edit_in_aloware(each.aloware, last_name="First thought")
    yield
    office.person.edit_in_aloware(lee.aloware, last_name="Second thought")
    office.person.edit_in_aloware(ray.aloware, last_name="Lee")
    report = yield
    assert [("salesforce", "update", "LastName") in planned(report, each.phone) for each in (lee, ray)] == [True, True]
    assert [name_of(office, each) for each in (lee, ray)] == ["Lee", "Lee"]
    yield
    assert [name_of(office, each) for each in (lee, ray)] == ["Second thought", "Lee"]
    report = yield
    assert planned(report, lee.phone) == planned(report, ray.phone) == []


@between
def test_a_contact_that_somebody_creates_is_not_overwritten(office: Office) -> Scene:
    phone = number()
    office.person.create_in_salesforce("Contact", FirstName="Crm", LastName="Person", Phone=phone)
    yield
    office.person.create_in_aloware(phone_number=phone, first_name="Agent", last_name="Person")
    yield
    assert office.contact(phone)["first_name"] == "Agent"
    assert office.person.aloware_numbers().count(phone) == 1
    yield
    report = yield
    assert planned(report, phone) == []


def test_a_direction_closed_after_the_plan_keeps_the_crm_from_being_written(office: Office) -> None:
    lee = office.stock.pop()
    office.person.edit_in_aloware(lee.aloware, last_name="Edited")
    drafted = plan().plan
    set_direction("salesforce.update", "inbound")
    office.person.forget_requests()
    report = apply(drafted.id)
    written, last_name = office.person.writes("salesforce"), name_of(office, lee)
    set_direction("salesforce.update", "two-way")
    reconcile()  # an opened scope is rebased once
    assert ("salesforce", "update", "LastName") in planned(report, lee.phone)
    assert (written, last_name) == ([], "Lee")
    assert not report.converged


def test_an_older_plan_does_not_bring_back_what_a_newer_run_decided(office: Office) -> None:
    lee = office.stock.pop()
    office.person.edit_in_salesforce("Contact", lee.salesforce, LastName="Older")
    older = plan().plan
    office.person.edit_in_salesforce("Contact", lee.salesforce, LastName="Newer")
    reconcile()
    apply(older.id)
    assert office.contact(lee.phone)["last_name"] == "Newer"
    assert planned(reconcile(), lee.phone) == []


# A vendor that refuses, or does half of what it was asked.


@refused
def test_one_bad_row_fails_alone_and_is_not_planned_again_until_somebody_edits_it(office: Office) -> Scene:
    bad, good = office.stock.pop(), office.stock.pop()
    office.person.edit_in_aloware(bad.aloware, email="bad@lee.exam-ple")
    office.person.edit_in_aloware(good.aloware, email="good@lee.example")
    report = yield
    assert "INVALID_EMAIL" in " ".join(report.refusals["reason"])
    addresses = [office.person.in_salesforce("Contact", each.phone)[0]["Email"] for each in (bad, good)]
    assert addresses == [None, "good@lee.example"]
    report = yield
    assert planned(report, bad.phone) == planned(report, good.phone) == []
    office.person.edit_in_aloware(bad.aloware, email="better@lee.example")
    yield
    assert office.person.in_salesforce("Contact", bad.phone)[0]["Email"] == "better@lee.example"


@refused
def test_a_refused_create_is_not_planned_again_until_somebody_edits_it(office: Office) -> Scene:
    phone = number()
    values = {"phone_number": phone, "first_name": "Bad", "last_name": "Address", "email": "bad@new.exam-ple"}
    contact = str(office.person.create_in_aloware(**values)["id"])
    report = yield
    assert {system for system, kind, _ in planned(report, phone) if kind == "create"} == {"salesforce", "hubspot"}
    assert not office.person.in_salesforce("Contact", phone)
    report = yield
    assert planned(report, phone) == []
    office.person.edit_in_aloware(contact, email="good@new.example")
    yield
    assert once_in_each_crm(office, [phone])


@unanswered
def test_of_a_batch_that_is_half_done_the_rest_is_done_by_the_next_run(office: Office) -> Scene:
    phones = born_in_aloware(office, 4)
    yield
    yield
    assert once_in_each_crm(office, phones)
    report = yield
    assert [planned(report, phone) for phone in phones] == [[]] * 4


@unanswered
def test_a_create_that_is_never_answered_happens_once(office: Office) -> Scene:
    yield
    yield
    phones = born_in_aloware(office, 2)
    report = yield
    assert not report.converged
    yield
    assert once_in_each_crm(office, phones)
    report = yield
    assert report.plan.changes.empty


# A crash.


@pytest.mark.parametrize("moment", ["second receipt", "record"])
def test_a_crash_loses_nothing_and_does_nothing_twice(moment: str, office: Office) -> None:
    lee, ray, kim = (office.stock.pop() for _ in range(3))
    for each in (lee, kim):
        office.person.edit_in_aloware(each.aloware, last_name="By an agent")
    office.person.edit_in_salesforce("Contact", ray.salesforce, LastName="In Salesforce")
    phones, unseen = born_in_aloware(office, 2), number()
    office.person.create_in_salesforce("Contact", LastName="Unseen", Phone=unseen)
    crash(moment)
    office.person.edit_in_aloware(kim.aloware, last_name="After the crash")
    reconcile()
    office.person.forget_requests()
    last = reconcile()
    assert once_in_each_crm(office, phones)
    assert office.person.aloware_numbers().count(unseen) == 1
    assert [name_of(office, each) for each in (lee, kim)] == ["By an agent", "After the crash"]
    assert [office.contact(each.phone)["last_name"] for each in (ray, kim)] == ["In Salesforce", "After the crash"]
    assert (last.plan.changes.empty, last.converged, office.person.writes()) == (True, True, [])


def crash(moment: str) -> None:
    """A run that ends there, as when somebody interrupts it."""
    receive, calls = Outbox.receive, count(1)

    def end(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt(moment)

    def end_later(self: Outbox, *args: Any) -> None:
        receive(self, *args) if next(calls) == 1 else end()

    with pytest.MonkeyPatch.context() as patch:
        if moment == "second receipt":
            patch.setattr(Outbox, "receive", end_later)
        else:
            patch.setattr("flows.apply.record_outcome", end)
        with pytest.raises(KeyboardInterrupt):
            reconcile()


# After writing.


def test_a_value_that_is_another_by_then_is_a_residual_and_the_next_runs_edit(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    lee = office.stock.pop()
    office.person.edit_in_salesforce("Contact", lee.salesforce, LastName="Sent")

    def somebody_edits_first(*args: Any) -> Any:
        office.person.edit_in_aloware(lee.aloware, last_name="Typed right after")
        return read_back(*args)

    with monkeypatch.context() as patch:
        patch.setattr("flows.apply.read_back", somebody_edits_first)
        report = reconcile()
    assert list(report.residuals["wanted"]) == ["Sent"]
    assert not report.converged
    reconcile()
    assert name_of(office, lee) == "Typed right after"


# A flood.


def test_a_flood_of_updates_is_held_and_the_rest_goes(tmp_path_factory: pytest.TempPathFactory) -> None:
    with connected(tmp_path_factory.mktemp("flood"), people=20) as office:
        rows = office.person.ask_salesforce("SELECT Id, Phone FROM Contact")
        for row in rows:
            office.person.edit_in_salesforce("Contact", row["Id"], LastName="Everybody")
        phone = number()
        office.person.create_in_salesforce("Contact", LastName="Newcomer", Phone=phone)
        report = reconcile()
        names = [office.contact(each)["last_name"] for each in office.person.aloware_numbers()]
        assert [breaker.name for breaker in report.plan.verdict.breakers] == ["aloware.updates"]
        assert (names.count("Everybody"), names.count("Newcomer")) == (0, 1)
        assert [b.name for b in reconcile(initial=True).plan.verdict.breakers] == ["aloware.updates"]
