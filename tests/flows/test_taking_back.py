"""A run is taken back: what it wrote and is still there goes back, the rest is listed, and nobody does it again."""

from collections.abc import Iterator

import pytest

from flows.reconcile import reconcile
from flows.undo import undo
from tasks.core import render
from tasks.core.model import SCOPES
from tasks.core.run import RunReport
from tests.flows.worlds import Day, Office, Play, Scene, connected, number, planned, policy_with

TempFolders = pytest.TempPathFactory

day = Play("undone_day")


@pytest.fixture(scope="module")
def undone_day(tmp_path_factory: TempFolders) -> Iterator[Day]:
    """Two-way. A first run, the run, its undo, a run, the undo's undo, two runs."""
    folder = tmp_path_factory.mktemp("undone")
    made: list[RunReport] = []

    def run() -> RunReport:
        made.append(reconcile())
        return made[-1]

    def back() -> RunReport:
        made.append(undo(made[-1].plan.run))
        return made[-1]

    def back_again() -> RunReport:
        return undo(made[-1].plan.run)

    with connected(folder, policy=policy_with(folder, floor="1000"), scopes=SCOPES) as office:
        yield day.act(office, [reconcile, run, back, reconcile, back_again, reconcile, reconcile])


def everywhere(office: Office, **fields: str) -> tuple[str, str, str]:
    """Ann Lee in Salesforce and HubSpot: her number, and her ids there."""
    phone = number()
    known = {"FirstName": "Ann", "LastName": "Lee"} | fields
    contact = office.person.create_in_salesforce("Contact", Phone=phone, **known)
    hubspot = office.person.create_in_hubspot(phone=phone, firstname="Ann", lastname="Lee")
    return phone, contact, hubspot


def names(office: Office, phone: str) -> list[str]:
    """What the three systems call her."""
    found = [row["FirstName"] for row in office.person.in_salesforce("Contact", phone)]
    found += [contact["firstname"] for contact in office.person.in_hubspot(phone)]
    return [*found, office.contact(phone)["first_name"]]


def listed(report: RunReport, phone: str) -> dict[tuple[str, str], str]:
    """What wasn't taken back of that person: system and property → why."""
    rows = [row for row in render.refused(report.plan) if row["phone"] == phone]
    return {(row["system"], name): row["reason"] for row in rows for name in row["fields"]}


@day
def test_what_the_run_wrote_goes_back(office: Office) -> Scene:
    """Whose edit it was keeps it: that is no write of ours. Neither side is news to the next run. And back again."""
    phone, contact, _ = everywhere(office)
    yield
    office.person.edit_in_salesforce("Contact", contact, FirstName="Bad")
    yield
    assert names(office, phone) == ["Bad", "Bad", "Bad"]
    report = yield
    assert names(office, phone) == ["Bad", "Ann", "Ann"]
    assert listed(report, phone) == {}
    report = yield
    assert planned(report, phone) == []
    report = yield
    assert names(office, phone) == ["Bad", "Bad", "Bad"]
    assert planned(report, phone) == [("aloware", "update", "first_name"), ("hubspot", "update", "firstname")]
    report = yield
    assert planned(report, phone) == []


@day
def test_what_somebody_typed_over_it_stays(office: Office) -> Scene:
    """HubSpot says Cyd by the time of the undo: it is left in peace, and isn't carried; a later edit is."""
    phone, contact, hubspot = everywhere(office)
    yield
    office.person.edit_in_salesforce("Contact", contact, FirstName="Bad")
    yield
    office.person.edit_in_hubspot(hubspot, firstname="Cyd")
    report = yield
    assert names(office, phone) == ["Bad", "Cyd", "Ann"]
    assert listed(report, phone) == {("hubspot", "firstname"): "it doesn't hold that run's value any more"}
    report = yield
    assert planned(report, phone) == []
    yield
    office.person.edit_in_hubspot(hubspot, firstname="Dee")
    yield
    assert names(office, phone) == ["Dee", "Dee", "Dee"]


@day
def test_a_blank_that_was_filled_is_blank_again_except_in_aloware(office: Office) -> Scene:
    """Its API can't blank a field: that is listed. The next run fills nothing."""
    phone, contact, _ = everywhere(office)
    yield
    office.person.edit_in_salesforce("Contact", contact, Email=f"a{phone[1:]}@example.com")
    yield
    assert office.contact(phone)["email"] == office.person.in_hubspot(phone)[0]["email"] != ""
    report = yield
    assert not office.person.in_hubspot(phone)[0]["email"]
    assert office.contact(phone)["email"]
    assert listed(report, phone) == {("aloware", "email"): "Aloware's API can't blank a field"}
    report = yield
    assert planned(report, phone) == []


@day
def test_a_record_that_was_created_is_archived(office: Office) -> Scene:
    """Nobody had touched it. It isn't created again, and the undo can't be undone: listed."""
    phone = number()
    yield
    office.person.create_in_aloware(phone_number=phone, first_name="Ann", last_name="Lee")
    yield
    assert len(office.person.in_salesforce("Contact", phone)) == len(office.person.in_hubspot(phone)) == 1
    report = yield
    assert office.person.in_salesforce("Contact", phone) == office.person.in_hubspot(phone) == []
    shown = [change for change in render.changes(report.plan) if change["phone"] == phone]
    assert [(c["system"], c["kind"], c["fields"]) for c in shown] == [
        ("salesforce", "update", {"IsDeleted": {"before": "false", "after": "true"}}),
        ("hubspot", "update", {"archived": {"before": "false", "after": "true"}}),
    ]
    report = yield
    assert planned(report, phone) == []
    report = yield
    told = "what was archived can only be restored on its system's own screen"
    assert listed(report, phone) == {("salesforce", "IsDeleted"): told, ("hubspot", "archived"): told}


@day
def test_a_created_record_that_somebody_has_touched_stays(office: Office) -> Scene:
    """It is listed, and so is an Aloware contact that was created: no API deletes it."""
    phone, phone_2 = number(), number()
    yield
    office.person.create_in_aloware(phone_number=phone, first_name="Ann", last_name="Lee")
    office.person.create_in_salesforce("Contact", FirstName="Bob", LastName="Lee", Phone=phone_2)
    yield
    touched = office.person.in_salesforce("Contact", phone)[0]["Id"]
    office.person.edit_in_salesforce("Contact", touched, LastName="Low")
    report = yield
    assert len(office.person.in_salesforce("Contact", phone)) == 1
    assert listed(report, phone) == {("salesforce", "IsDeleted"): "it was changed since it was created"}
    assert listed(report, phone_2) == {("aloware", "archived"): "Aloware's API deletes no contact"}
    assert office.contact(phone_2)["first_name"] == "Bob"
