"""Salesforce's two modules: Contacts, Leads or both, switched off and on with people already linked, and priority."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.reconcile import reconcile
from tasks.core.model import SCOPES
from tasks.core.run import RunReport
from tasks.session import open_session
from tests.flows.worlds import Day, Office, Play, Scene, connected, number, planned, policy_with

switched = Play("switched_day")

BOTH = {"floor": "1000"}
CONTACTS = BOTH | {"modules": '["contacts"]'}
LEADS = BOTH | {"modules": '["leads"]', "priority": '"lead"'}
LEADS_FIRST = BOTH | {"priority": '"lead"'}


@pytest.fixture(scope="module")
def switched_day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """Every scope two-way. Two runs each: both modules, only contacts, only leads, both with leads first; then both."""
    folder = tmp_path_factory.mktemp("modules")
    eras = [BOTH, CONTACTS, CONTACTS, LEADS, LEADS, LEADS_FIRST, LEADS_FIRST, BOTH, BOTH]
    with connected(folder, policy=policy_with(folder, **BOTH), scopes=SCOPES) as office:
        yield switched.act(office, [under(folder, era) for era in eras])


def under(folder: Path, era: dict[str, Any]) -> Callable[[], RunReport]:
    """A run with that policy."""

    def run() -> RunReport:
        policy_with(folder, **era)
        return reconcile(initial=True)

    return run


def lead(office: Office, phone: str, first: str, last: str) -> str:
    values = {"FirstName": first, "LastName": last, "Company": "Acme", "Phone": phone}
    return office.person.create_in_salesforce("Lead", **values)


def contact(office: Office, phone: str, first: str, last: str) -> str:
    return office.person.create_in_salesforce("Contact", FirstName=first, LastName=last, Phone=phone)


def last_name(office: Office, object_name: str, record_id: str) -> str:
    return office.person.value("salesforce", object_name, record_id, "LastName")


def agent_renames(office: Office, phone: str, name: str) -> None:
    office.person.edit_in_aloware(str(office.contact(phone)["id"]), last_name=name)


def links(*record_ids: str) -> list[tuple[str, str]]:
    """Person and role of those Salesforce records."""
    with open_session() as session:
        known = session.state().links.set_index("record_id")
    return [(known.at[each, "person"], known.at[each, "role"]) for each in record_ids]


@switched
def test_a_lead_whose_module_is_off_is_left_alone_and_goes_on_when_it_is_on_again(office: Office) -> Scene:
    """Nothing of it is deleted, written or doubled; what people did meanwhile counts from the bases it had."""
    phone, edited = number(), number()
    record, busy = lead(office, phone, "Li", "Lead"), lead(office, edited, "Bo", "Busy")
    yield  # both
    before = links(record, busy)
    office.person.edit_in_salesforce("Lead", busy, LastName="Edited")
    yield  # contacts
    assert office.contact(phone)["last_name"] == "Lead"
    assert office.contact(edited)["last_name"] == "Busy"
    assert office.person.in_salesforce("Contact", phone) == []
    report = yield  # contacts
    assert planned(report, phone) == planned(report, edited) == []
    assert not {call["path"] for call in office.person.requests("salesforce") if "Lead" in call["path"]}
    assert links(record, busy) == before
    yield  # leads
    assert office.contact(edited)["last_name"] == "Edited", "the one edit of the meantime"
    report = yield  # leads
    assert planned(report, phone) == planned(report, edited) == []
    assert [last_name(office, "Lead", each) for each in (record, busy)] == ["Lead", "Edited"]
    assert office.person.aloware_numbers().count(phone) == 1


@switched
def test_a_contact_whose_module_is_off_is_left_alone_and_goes_on_when_it_is_on_again(office: Office) -> Scene:
    phone, edited = number(), number()
    record, busy = contact(office, phone, "Cy", "Contact"), contact(office, edited, "Bo", "Busy")
    for _ in range(3):
        yield  # both, contacts, contacts
    before = links(record, busy)
    office.person.edit_in_salesforce("Contact", busy, LastName="Edited")
    yield  # leads
    assert office.contact(edited)["last_name"] == "Busy"
    assert office.person.in_salesforce("Lead", phone) == []
    yield  # leads
    assert links(record, busy) == before
    yield  # both
    assert office.contact(edited)["last_name"] == "Edited"
    report = yield  # both
    assert planned(report, phone) == planned(report, edited) == []
    assert office.person.aloware_numbers().count(phone) == 1


@switched
def test_of_a_lead_and_a_contact_the_enabled_or_first_one_speaks_and_the_other_loses_nothing(office: Office) -> Scene:
    """Each change of modules or priority picks anew: Aloware shows the chosen one's values, the other keeps its own."""
    phone = number()
    one, other = contact(office, phone, "Pat", "Contact"), lead(office, phone, "Pat", "Lead")

    def kept() -> bool:
        return (last_name(office, "Contact", one), last_name(office, "Lead", other)) == ("Contact", "Lead")

    for shown in ("Contact", "Contact", "Contact", "Lead", "Lead", "Lead", "Lead", "Contact", "Contact"):
        report = yield
        assert office.contact(phone)["last_name"] == shown
        assert kept()
    assert planned(report, phone) == []


@switched
def test_an_agents_edit_reaches_only_the_one_that_speaks(office: Office) -> Scene:
    phone = number()
    one, other = contact(office, phone, "Pat", "Old"), lead(office, phone, "Pat", "Old")
    yield  # both
    agent_renames(office, phone, "To the contact")
    yield  # contacts
    yield  # contacts
    assert [last_name(office, "Contact", one), last_name(office, "Lead", other)] == ["To the contact", "Old"]
    yield  # leads
    agent_renames(office, phone, "To the lead")
    yield  # leads
    assert [last_name(office, "Contact", one), last_name(office, "Lead", other)] == ["To the contact", "To the lead"]
    yield  # both, leads first
    assert office.contact(phone)["last_name"] == "To the lead"


def only(office: Office, made: str, other: str) -> Scene:
    """A run in which a person comes to Salesforce as that object, and a record of the other one comes to nobody."""
    phone, ignored = number(), number()
    office.person.create_in_aloware(phone_number=phone, first_name="Ada", last_name="Okoro")
    {"Contact": contact, "Lead": lead}[other](office, ignored, "Ed", "Elsewhere")
    yield
    assert len(office.person.in_salesforce(made, phone)) == 1
    assert office.person.in_salesforce(other, phone) == []
    assert office.person.find_in_aloware(ignored) is None


@switched
def test_sync_only_with_contacts(office: Office) -> Scene:
    """“Sync only with contacts.” “Enable the toggles of lead and contact.”"""
    yield  # both
    yield from only(office, "Contact", "Lead")


@switched
def test_sync_only_with_leads(office: Office) -> Scene:
    """“Sync only with leads.” “Enable the toggles of lead and contact.”"""
    for _ in range(3):
        yield  # both, contacts, contacts
    yield from only(office, "Lead", "Contact")


@switched
def test_creations_become_the_object_with_priority_or_the_only_enabled_one(office: Office) -> Scene:
    """“Define which object (lead or contact) has precedence”: creations follow it too."""
    for made, other in [("Contact", "Lead")] * 3 + [("Lead", "Contact")] * 4 + [("Contact", "Lead")]:
        phone = number()
        office.person.create_in_aloware(phone_number=phone, first_name="Al", last_name="New")
        yield
        assert len(office.person.in_salesforce(made, phone)) == 1
        assert office.person.in_salesforce(other, phone) == []


@switched
def test_somebody_known_by_the_module_that_is_off_is_not_created_in_the_other(office: Office) -> Scene:
    """They were never born in Aloware: a second record of them would be a duplicate."""
    phone = number()
    lead(office, phone, "Li", "Only")
    yield  # both
    office.person.create_in_hubspot(firstname="Li", lastname="Only", phone=phone)
    for _ in range(2):
        yield  # contacts
        assert office.person.in_salesforce("Contact", phone) == []


@switched
def test_people_linked_before_are_not_written_by_a_switch_alone(office: Office) -> Scene:
    """Somebody in all places who agrees everywhere sees nothing of all the switching."""
    phone = number()
    contact(office, phone, "Ann", "Still")
    office.person.create_in_hubspot(firstname="Ann", lastname="Still", phone=phone)
    yield
    for _ in range(8):
        report = yield
        assert planned(report, phone) == []
