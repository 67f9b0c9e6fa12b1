"""Fields of every type between three real-HTTP systems: each system's spelling of a value is no difference, and what
can't be said in one of them is reported, never sent."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from flows.cli.command import run
from flows.connections import connect
from tasks.core.model import SCOPES, SYSTEMS
from tasks.core.run import RunReport
from tasks.sandbox.names import AGENTS
from tasks.sandbox.town import agent_email
from tasks.settings import DEFAULT_POLICY
from tests.flows.worlds import Day, Office, Play, Scene, number, office, planned, settle

ANN, BOB = (agent_email(*names) for names in AGENTS[:2])
FIELDS = """
[fields.owner]
type = "owner"
contact = "OwnerId"
lead = "OwnerId"
hubspot = "hubspot_owner_id"
aloware = "user_id"

[fields.birthday]
type = "date"
contact = "Birthdate"
hubspot = "birthday"
aloware = "date_of_birth"

[fields.about]
type = "long-text"
contact = "Description"
hubspot = "about"

[fields.visits]
type = "number"
lead = "NumberOfEmployees"
contact = "OtherLatitude"
hubspot = "visits"

[fields.source]
type = "picklist"
contact = "LeadSource"
hubspot = "source"

[fields.keen]
type = "boolean"
contact = "HasOptedOutOfEmail"
hubspot = "keen"

[fields.street]
contact = "MailingStreet"
lead = "Street"
hubspot = "address"
aloware = "address"
"""
PROPERTIES: tuple[dict[str, Any], ...] = (
    {"name": "birthday", "type": "date", "fieldType": "date"},
    {"name": "about", "type": "string", "fieldType": "html"},
    {"name": "visits", "type": "number", "fieldType": "number"},
    {"name": "source", "type": "enumeration", "fieldType": "select", "options": ["Web", "Fair"]},
    {"name": "keen", "type": "bool", "fieldType": "booleancheckbox", "options": ["true", "false"]},
)

two_way = Play("two_way_day")


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office whose policy maps a field of each type, everything two-way, Accounts by company."""
    folder = tmp_path_factory.mktemp("typed")
    with office(folder, people=20, policy=_policy(folder)) as made:
        for definition in PROPERTIES:
            made.person.define_in_hubspot(**definition)
        for system in SYSTEMS:
            connect(system)
        settle()
        made.open(*SCOPES)
        settle()
        yield made


@pytest.fixture(scope="module")
def two_way_day(typed: Office) -> Day:
    return two_way.act(typed)


def _policy(folder: Path) -> Path:
    text = DEFAULT_POLICY.read_text(encoding="utf-8")
    text = text.replace('priority = "contact"', 'account = "by-company"\npriority = "contact"')
    text = text.replace("[fields.company]\n", '[fields.company]\ncontact = "Account.Name"\n')
    text = text.replace("floor = 10 ", "floor = 1000 ")
    (folder / "policy.toml").write_text(text + FIELDS, encoding="utf-8")
    return folder / "policy.toml"


def twins(office: Office, contact: dict[str, str], hubspot: dict[str, str]) -> tuple[str, str, str]:
    """One person in Salesforce and HubSpot, with those values; the number, and both ids."""
    phone = number()
    ours = office.person.create_in_salesforce("Contact", LastName="Lee", FirstName="Kim", Phone=phone, **contact)
    theirs = office.person.create_in_hubspot(firstname="Kim", lastname="Lee", phone=phone, **hubspot)
    return phone, ours, theirs


def refused(report: RunReport, phone: str) -> dict[str, str]:
    """Property → reason of what was refused to the person with that number."""
    rows = report.plan.refused[report.plan.refused["phone"] == phone]
    return dict(zip(rows["property"], rows["reason"], strict=True))


def quarantined(report: RunReport, record_id: str) -> list[str]:
    rows: pd.DataFrame = report.plan.quarantine
    return sorted(rows.loc[rows["record_id"] == record_id, "reason"])


@two_way
def test_an_owner_is_the_same_user_in_all_three(office: Office) -> Scene:
    """“Users are matched by e-mail.” Whoever hands a person over does it for all systems."""
    users = {email: office.user_ids(email) for email in (ANN, BOB)}
    owned = {"OwnerId": users[ANN]["salesforce"]}, {"hubspot_owner_id": users[ANN]["hubspot"]}
    phone, contact, _ = twins(office, *owned)
    report = yield
    assert f"salesforce:Contact:{contact}/owner" not in set(report.plan.conflicts["id"])
    assert str(office.contact(phone)["user_id"]) == users[ANN]["aloware"]
    office.person.edit_in_aloware(str(office.contact(phone)["id"]), user_id=users[BOB]["aloware"])
    yield
    assert office.person.value("salesforce", "Contact", contact, "OwnerId") == users[BOB]["salesforce"]
    (held,) = office.person.in_hubspot(phone, "hubspot_owner_id")
    assert held["hubspot_owner_id"] == users[BOB]["hubspot"]
    report = yield
    assert planned(report, phone) == []


@two_way
def test_an_owner_whom_a_system_does_not_know_is_refused_there_and_nobody_else_takes_over(office: Office) -> Scene:
    """The plan names the property and the reason; the CRM's own default stays."""
    stranger = office.seed_hubspot_owner("visitor@elsewhere.example")
    phone, contact, _ = twins(office, {}, {"hubspot_owner_id": stranger})
    office.person.edit_in_salesforce("Contact", contact, OwnerId=office.user_ids(ANN)["salesforce"])
    yield
    (held,) = office.person.in_hubspot(phone)
    office.person.edit_in_hubspot(held["id"], hubspot_owner_id=stranger)
    report = yield
    assert "no active user" in refused(report, phone)["OwnerId"]
    assert "no active user" in refused(report, phone)["user_id"]
    assert office.person.value("salesforce", "Contact", contact, "OwnerId") == office.user_ids(ANN)["salesforce"]


@two_way
def test_a_day_is_a_day_however_it_is_spelt(office: Office) -> Scene:
    """Salesforce and HubSpot say 1980-02-17, Aloware's form wants 02/17/1980."""
    phone, _, held = twins(office, {"Birthdate": "1980-02-17"}, {})
    yield
    assert office.person.value("hubspot", "contacts", held, "birthday") == "1980-02-17"
    assert office.contact(phone)["date_of_birth"] == "1980-02-17"
    office.person.edit_in_hubspot(held, birthday="319766400000")
    report = yield
    assert planned(report, phone) == [("aloware", "update", "date_of_birth"), ("salesforce", "update", "Birthdate")]
    assert office.contact(phone)["date_of_birth"] == "1980-02-19"
    report = yield
    assert planned(report, phone) == []


@two_way
def test_rich_text_and_line_ends_do_not_ping_pong(office: Office) -> Scene:
    """HubSpot wraps in HTML what Salesforce ends with CRLF: it is the same text, and nobody's format is destroyed."""
    rich, plain = "<p>Likes&nbsp;boats.</p><p><b>No</b> calls &amp; no mail</p>", "Likes boats.\r\nNo calls & no mail"
    phone, contact, held = twins(office, {"Description": plain}, {"about": rich})
    report = yield
    assert not [change for change in planned(report, phone) if change[2] in ("Description", "about")]
    office.person.edit_in_hubspot(held, about="<p>Sold the boat</p>")
    yield
    assert office.person.value("salesforce", "Contact", contact, "Description") == "Sold the boat"
    assert office.person.value("hubspot", "contacts", held, "about") == "<p>Sold the boat</p>"
    report = yield
    assert planned(report, phone) == []


@two_way
def test_a_number_is_compared_by_its_value(office: Office) -> Scene:
    """1.20E1 is 12, and 12.0 too."""
    phone, contact, held = twins(office, {"OtherLatitude": "12.0"}, {"visits": "1.20E1"})
    report = yield
    assert not [change for change in planned(report, phone) if change[2] in ("OtherLatitude", "visits")]
    office.person.edit_in_hubspot(held, visits="12.50")
    yield
    assert office.person.value("salesforce", "Contact", contact, "OtherLatitude") == "12.5"
    report = yield
    assert planned(report, phone) == []


@two_way
def test_a_choice_that_the_other_side_does_not_offer_is_refused_by_name(office: Office) -> Scene:
    """By internal value, and to the letter: Web is offered by both, Purchased List isn't."""
    phone, contact, held = twins(office, {"LeadSource": "Web"}, {})
    yield
    assert office.person.value("hubspot", "contacts", held, "source") == "Web"
    office.person.edit_in_salesforce("Contact", contact, LeadSource="Purchased List")
    report = yield
    assert refused(report, phone)["source"] == "not one of the property's options"
    assert office.person.value("hubspot", "contacts", held, "source") == "Web"


@two_way
def test_a_yes_is_a_yes(office: Office) -> Scene:
    """Salesforce says true without quotes, HubSpot with."""
    phone, contact, held = twins(office, {"HasOptedOutOfEmail": "true"}, {"keen": "true"})
    report = yield
    assert not [change for change in planned(report, phone) if change[2] in ("HasOptedOutOfEmail", "keen")]
    office.person.edit_in_hubspot(held, keen="false")
    yield
    assert office.person.value("salesforce", "Contact", contact, "HasOptedOutOfEmail") == ""
    report = yield
    assert planned(report, phone) == []


@two_way
def test_a_street_of_two_lines_is_one_value(office: Office) -> Scene:
    phone, _, held = twins(office, {"MailingStreet": "1 Main St\r\nFloor 2"}, {})
    yield
    assert office.person.value("hubspot", "contacts", held, "address") == "1 Main St\nFloor 2"
    assert office.contact(phone)["address"] == "1 Main St\nFloor 2"
    report = yield
    assert planned(report, phone) == []


@two_way
def test_a_new_contact_joins_the_account_of_its_company(office: Office) -> Scene:
    """The one of that name, whatever the case; its plan shows it. The company of a Contact is read, never written."""
    name = office.person.ask_salesforce("SELECT Name FROM Account LIMIT 1")[0]["Name"]
    phone = number()
    office.person.create_in_aloware(phone_number=phone, last_name="Weber", company_name=name.upper())
    report = yield
    assert ("salesforce", "create", "AccountId") in planned(report, phone)
    assert refused(report, phone) == {}
    (contact,) = office.person.in_salesforce("Contact", phone, "Account.Name")
    assert contact["Account"]["Name"] == name
    report = yield
    assert [change for change in planned(report, phone) if change[0] == "salesforce"] == []
    assert report.converged


@two_way
def test_an_account_that_is_not_there_or_there_twice_is_reported(office: Office) -> Scene:
    """The Contact is made without."""
    for _ in range(2):
        office.person.create_in_salesforce("Account", Name="Twin Ltd")
    nobody, twin = number(), number()
    office.person.create_in_aloware(phone_number=nobody, last_name="Weber", company_name="Nowhere Ltd")
    office.person.create_in_aloware(phone_number=twin, last_name="Weber", company_name="Twin Ltd")
    report = yield
    assert refused(report, nobody) == {"AccountId": "no Account has that name"}
    assert refused(report, twin) == {"AccountId": "2 Accounts have that name"}
    for phone in (nobody, twin):
        (contact,) = office.person.in_salesforce("Contact", phone, "AccountId")
        assert contact["AccountId"] is None


@two_way
def test_a_cell_that_cannot_be_read_is_held_and_the_rest_of_the_person_flows(office: Office) -> Scene:
    """It neither spreads nor is it overwritten; the report names record, field and rule."""
    phone, contact, held = twins(office, {}, {})
    yield
    office.person.edit_in_hubspot(held, firstname="K" * 10_000, lastname="Lea")
    report = yield
    assert quarantined(report, held) == ["first_name is longer than 255 characters"]
    (seen,) = office.person.in_salesforce("Contact", phone)
    assert (seen["FirstName"], seen["LastName"]) == ("Kim", "Lea")
    assert office.contact(phone)["first_name"] == "Kim"
    office.person.edit_in_salesforce("Contact", contact, FirstName="Kai")
    yield
    assert len(office.person.value("hubspot", "contacts", held, "firstname")) == 10_000
    assert office.contact(phone)["first_name"] == "Kai"


def test_the_mapping_screen_tells_what_each_property_is_to_the_policy(
    typed: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    """From what the systems say now: mapped, free, or disabled with the reason."""
    capsys.readouterr()
    assert run(["mapping", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["properties"]
    shown = {(row["system"], row["object"], row["property"]): row for row in rows}
    company = shown["salesforce", "Contact", "Account.Name"]
    assert (company["state"], company["field"], company["direction"]) == ("mapped", "company", "inbound")
    assert "never written" in company["reason"]
    owner = shown["hubspot", "contacts", "hubspot_owner_id"]
    assert (owner["state"], owner["type"], owner["fits"]) == ("mapped", "owner", ["owner"])
    assert shown["hubspot", "contacts", "hs_email_optout"]["state"] == "disabled"
    assert shown["salesforce", "Contact", "AccountId"]["reason"] == "no type of field fits type reference"
    title = shown["salesforce", "Contact", "Title"]
    assert (title["state"], title["reason"], title["field"], title["direction"]) == ("free", None, None, None)
    assert shown["aloware", "contacts", "csf1"]["state"] == "free"
    assert "date" in shown["salesforce", "Contact", "Birthdate"]["fits"]
