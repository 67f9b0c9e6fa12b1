"""What people type where a number or an address was due: refused or quarantined with a reason that names record, field
and rule. Never a crash, never a wrong write."""

from collections.abc import Iterator

import pandas as pd
import pytest

from tasks.core.model import SCOPES
from tests.flows.worlds import Day, Office, Play, Scene, connected, number, planned, policy_with

NUMBERS = (
    "0",
    "911",
    "+1",
    "4" * 40,
    "call reception",
    "415-555-2671 / 415-555-2672",
    "415-555-2671; 415-555-2672",
    "555-0100",
    "12/05/2026",
    "שלום",
    "٠",
    "\u202e\u202c",
    "+٩٩٩",
    "e\u0301\u0301\u0301",
)
ADDRESSES = (
    "ann at x.example",
    "ann @x.example",
    "ann.x.example",
    "ann@x.example, bob@x.example",
    "@",
    "ann@x.example\u202e",
    "a" * 300 + "@x.example",
)
WORKING = ("\uff0b\uff11\uff14\uff11\uff15{}", "\u202a+1 415 {}\u202c", "(415) {} x123", "001415{}")

two_way = Play("two_way_day")


@pytest.fixture(scope="module")
def two_way_day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """Every scope two-way: whatever is believed is written everywhere."""
    folder = tmp_path_factory.mktemp("bad")
    with connected(folder, people=60, policy=policy_with(folder, floor="1000"), scopes=SCOPES, stock=2) as office:
        yield two_way.act(office)


def reasons(quarantine: pd.DataFrame, record_id: str) -> list[str]:
    return sorted(quarantine.loc[quarantine["record_id"] == record_id, "reason"])


@two_way
def test_a_record_without_a_number_that_is_one_is_quarantined_and_reaches_nobody(office: Office) -> Scene:
    """As its system's record, with the reason; a person is never guessed."""
    made = {office.person.create_in_salesforce("Contact", LastName="Doe", Phone=text) for text in NUMBERS}
    made |= {office.person.create_in_hubspot(lastname="Doe", phone=text) for text in NUMBERS}
    before = office.person.aloware_numbers()
    report = yield
    for record_id in made:
        assert reasons(report.plan.quarantine, record_id) == ["no valid phone number, and no e-mail match"]
    assert [
        n for n in office.person.aloware_numbers() if n not in before and office.contact(n)["last_name"] == "Doe"
    ] == []


@two_way
def test_a_number_that_is_one_is_understood_however_it_was_typed(office: Office) -> Scene:
    """Full-width digits, invisible marks of a copy and paste, extensions, a leading 00: the CRM's spelling stays."""
    typed = {}
    for spelling in WORKING:
        phone = number()
        text = spelling.format(phone.removeprefix("+1415"))
        typed[phone] = (text, office.person.create_in_salesforce("Contact", LastName="Typed", Phone=text))
    yield
    for phone, (text, contact) in typed.items():
        assert office.contact(phone)["last_name"] == "Typed"
        assert office.person.value("salesforce", "Contact", contact, "Phone") == text
    report = yield
    assert [planned(report, phone) for phone in typed] == [[]] * len(typed)


@two_way
def test_a_number_that_became_none_is_reported_and_nothing_else_is_lost(office: Office) -> Scene:
    """Person and key stay; the cell is held, the rest of the record flows."""
    lee = office.stock[0]
    office.person.edit_in_salesforce("Contact", lee.salesforce, Phone="415-555-2671 / 415-555-2672", FirstName="Anna")
    report = yield
    assert reasons(report.plan.quarantine, lee.salesforce) == ["phone is not a valid phone number"]
    assert office.contact(lee.phone)["first_name"] == "Anna"
    report = yield
    assert office.person.value("salesforce", "Contact", lee.salesforce, "Phone") == "415-555-2671 / 415-555-2672"
    assert planned(report, lee.phone) == []


@two_way
def test_an_address_that_is_none_is_held(office: Office) -> Scene:
    """Aloware takes any text for an e-mail: no CRM does."""
    phones = {}
    for address in ADDRESSES:
        phone = number()
        made = office.person.create_in_aloware(phone_number=phone, last_name="Mail", email=address)
        phones[phone] = (str(made["id"]), address)
    report = yield
    for phone, (contact, address) in phones.items():
        assert reasons(report.plan.quarantine, contact) == ["email is not a valid e-mail address"]
        assert [row["Email"] for row in office.person.in_salesforce("Contact", phone)] == [None]
        assert office.contact(phone)["email"] == address.strip()
    report = yield
    assert [planned(report, phone) for phone in phones] == [[]] * len(phones)


@two_way
def test_an_address_that_is_none_does_not_overwrite_one(office: Office) -> Scene:
    lee = office.stock[1]
    office.person.edit_in_salesforce("Contact", lee.salesforce, Email="ann@lee.example")
    yield
    office.person.edit_in_aloware(lee.aloware, email="ann at lee")
    report = yield
    assert reasons(report.plan.quarantine, lee.aloware) == ["email is not a valid e-mail address"]
    assert office.person.value("salesforce", "Contact", lee.salesforce, "Email") == "ann@lee.example"


@two_way
def test_names_of_all_scripts_and_lengths(office: Office) -> Scene:
    """Right-to-left and combining characters are names like others; ten thousand characters are none."""
    phone, long = number(), number()
    made = office.person.create_in_hubspot(firstname="אֲבִיגַיִל", lastname="Ame\u0301lie O\u2019\u0645", phone=phone)
    endless = office.person.create_in_hubspot(firstname="x" * 10_000, lastname="Long", phone=long)
    report = yield
    assert office.contact(phone)["last_name"] == "Am\u00e9lie O\u2019\u0645"
    assert office.person.value("hubspot", "contacts", made, "lastname") == "Ame\u0301lie O\u2019\u0645"
    assert reasons(report.plan.quarantine, endless) == ["first_name is longer than 255 characters"]
    assert (office.contact(long)["first_name"], office.contact(long)["last_name"]) == (None, "Long")
    report = yield
    assert planned(report, phone) == planned(report, long) == []


@two_way
def test_a_name_that_is_too_long_for_one_system_is_refused_there(office: Office) -> Scene:
    """Salesforce's first name has forty characters: its plan says so, and the others get it."""
    phone = number()
    office.person.create_in_salesforce("Contact", LastName="Short", FirstName="Al", Phone=phone)
    held = office.person.create_in_hubspot(lastname="Short", firstname="Al", phone=phone)
    yield
    office.person.edit_in_hubspot(held, firstname="A" * 41)
    report = yield
    refused = report.plan.refused[report.plan.refused["phone"] == phone]
    assert refused[["property", "reason"]].to_numpy().tolist() == [["FirstName", "longer than 40 characters"]]
    assert office.contact(phone)["first_name"] == "A" * 41


def test_whatever_was_typed_every_run_of_the_day_went_through(two_way_day: Day) -> None:
    """And nothing was sent that a vendor had to refuse."""
    assert two_way_day.written["salesforce"]
    assert [r for requests in two_way_day.written.values() for r in requests if r["status"] >= 400] == []
