"""What the vendor's help page on two-way sync promises and asks to be tried out, acted out by people at their screens.

Its one-time operations are in `test_operations`, its modules in `test_modules`; the page on statuses has its own file.
"""

from collections.abc import Iterator

import pytest

from tasks.core.model import SCOPES
from tasks.session import open_session
from tests.flows.worlds import Day, Office, Play, Scene, connected, number, planned, policy_with

TempFolders = pytest.TempPathFactory

inbound, two_way, leads_first = Play("inbound_day"), Play("two_way_day"), Play("leads_first_day")


@pytest.fixture(scope="module")
def inbound_day(tmp_path_factory: TempFolders) -> Iterator[Day]:
    """Every scope inbound, contacts first."""
    folder = tmp_path_factory.mktemp("inbound")
    with connected(folder, people=20, policy=policy_with(folder, floor="1000")) as office:
        yield inbound.act(office)


@pytest.fixture(scope="module")
def two_way_day(tmp_path_factory: TempFolders) -> Iterator[Day]:
    """Every scope two-way, contacts first."""
    folder = tmp_path_factory.mktemp("two-way")
    with connected(folder, policy=policy_with(folder, floor="1000"), scopes=SCOPES) as office:
        yield two_way.act(office)


@pytest.fixture(scope="module")
def leads_first_day(tmp_path_factory: TempFolders) -> Iterator[Day]:
    """Every scope two-way, leads first."""
    folder = tmp_path_factory.mktemp("leads-first")
    with connected(folder, policy=policy_with(folder, priority='"lead"'), scopes=SCOPES) as office:
        yield leads_first.act(office)


def test_an_inbound_crm_is_never_written(inbound_day: Day) -> None:
    """“Set the direction for record creation and updates as Bi-directional or Inbound (from Salesforce to Aloware).”"""
    assert inbound_day.written["salesforce"] == inbound_day.written["hubspot"] == []
    assert inbound_day.written["aloware"]


# Create a new contact in Aloware: it appears as a Lead or a Contact, respecting the priority.


@two_way
def test_a_new_aloware_contact_becomes_a_contact_where_contacts_have_priority(office: Office) -> Scene:
    """“Create a new contact in Aloware - after creation, check Salesforce to see if the contact appears as a Lead or
    Contact, respecting your configured priority.”"""
    phone = number()
    office.person.create_in_aloware(phone_number=phone, first_name="Jonas", last_name="Weber")
    yield
    assert [r["LastName"] for r in office.person.in_salesforce("Contact", phone)] == ["Weber"]
    assert office.person.in_salesforce("Lead", phone) == []
    assert [r["firstname"] for r in office.person.in_hubspot(phone)] == ["Jonas"]


@leads_first
def test_a_new_aloware_contact_becomes_a_lead_where_leads_have_priority(office: Office) -> Scene:
    """“… appears as a Lead or Contact, respecting your configured priority.” What Salesforce demands and nobody
    knows is made up, and stays there."""
    phone = number()
    office.person.create_in_aloware(phone_number=phone, first_name="Jonas", last_name="Weber")
    report = yield
    (lead,) = office.person.in_salesforce("Lead", phone, "Company")
    assert (lead["FirstName"], lead["Company"]) == ("Jonas", "[not provided]")
    assert office.person.in_salesforce("Contact", phone) == []
    assert report.converged
    report = yield
    assert planned(report, phone) == []
    assert not office.contact(phone)["company_name"], "a value that was made up must not flow"


@leads_first
def test_a_new_aloware_contact_brings_its_company_to_the_lead(office: Office) -> Scene:
    """“… appears as a Lead or Contact”: with all that is known of it."""
    phone = number()
    office.person.create_in_aloware(phone_number=phone, first_name="Ana", last_name="Sá", company_name="Sá Lda")
    yield
    assert office.person.in_salesforce("Lead", phone, "Company")[0]["Company"] == "Sá Lda"


@inbound
def test_a_new_aloware_contact_stays_there_while_creation_is_inbound(office: Office) -> Scene:
    """“Set the direction for record creation …”: inbound, a CRM gets no records of agents'."""
    phone = number()
    office.person.create_in_aloware(phone_number=phone, first_name="Jonas", last_name="Weber")
    yield
    assert office.person.in_salesforce("Contact", phone) == office.person.in_salesforce("Lead", phone) == []
    assert office.person.in_hubspot(phone) == []


# Update contact information in Aloware: reflected in Salesforce, if bi-directional sync is enabled.


@two_way
def test_a_contacts_information_changed_in_aloware_is_reflected_in_salesforce(office: Office) -> Scene:
    """“Update contact information - change a contact's name, email, or other details in Aloware. Verify that these
    updates are reflected in Salesforce (if bi-directional sync is enabled).”"""
    phone = number()
    values = {"FirstName": "Ann", "LastName": "Lee", "Email": "ann@lee.example", "Phone": phone}
    office.person.create_in_salesforce("Contact", **values)
    yield
    changed = {"first_name": "Anna", "last_name": "Lee-Roy", "email": "anna@lee.example"}
    office.person.edit_in_aloware(str(office.contact(phone)["id"]), **changed)
    yield
    (contact,) = office.person.in_salesforce("Contact", phone)
    assert (contact["FirstName"], contact["LastName"], contact["Email"]) == ("Anna", "Lee-Roy", "anna@lee.example")


@two_way
def test_a_leads_information_changed_in_aloware_is_reflected_in_salesforce(office: Office) -> Scene:
    """“This feature enables data to be synchronized from Salesforce to Aloware, and from Aloware to Salesforce, for
    both Contact and Lead records.”"""
    phone = number()
    office.person.create_in_salesforce("Lead", FirstName="Bo", LastName="Ek", Company="Ek AB", Phone=phone)
    yield
    office.person.edit_in_aloware(str(office.contact(phone)["id"]), last_name="Ekman", company_name="Ekman AB")
    yield
    (lead,) = office.person.in_salesforce("Lead", phone, "Company")
    assert (lead["LastName"], lead["Company"]) == ("Ekman", "Ekman AB")


@two_way
def test_a_number_changed_in_aloware_is_reflected_in_salesforce(office: Office) -> Scene:
    """“Personal Identifiable Information (PII) such as first name, last name, email, and phone numbers are
    synchronized.”"""
    before, after = number(), number()
    office.person.create_in_salesforce("Contact", FirstName="Ann", LastName="Moves", Phone=before)
    yield
    office.person.edit_in_aloware(str(office.contact(before)["id"]), phone_number=after)
    yield
    assert office.person.in_salesforce("Contact", before) == []
    assert [r["LastName"] for r in office.person.in_salesforce("Contact", after)] == ["Moves"]
    report = yield
    assert planned(report, before) == planned(report, after) == []
    assert office.person.find_in_aloware(before) is None


@inbound
def test_a_change_in_aloware_stays_out_of_salesforce_while_inbound_and_is_restored(office: Office) -> Scene:
    """“Changes made in Aloware are pushed back to Salesforce (if bi-directional sync is configured)”: inbound, they
    aren't."""
    phone = number()
    office.person.create_in_salesforce("Contact", FirstName="Ann", LastName="Lee", Phone=phone)
    yield
    office.person.edit_in_aloware(str(office.contact(phone)["id"]), last_name="Drifted")
    report = yield
    assert office.person.in_salesforce("Contact", phone)[0]["LastName"] == "Lee"
    assert office.contact(phone)["last_name"] == "Lee"
    assert planned(report, phone) == [("aloware", "update", "last_name")]


@inbound
def test_a_contact_that_no_crm_knows_is_its_agents_own(office: Office) -> Scene:
    """What agents say of people whom only they know contradicts nobody."""
    before, after = number(), number()
    contact = office.person.create_in_aloware(phone_number=before, first_name="Al", last_name="One")
    yield
    office.person.edit_in_aloware(str(contact["id"]), last_name="Two")
    yield
    assert office.contact(before)["last_name"] == "Two"
    office.person.edit_in_aloware(str(contact["id"]), phone_number=after)
    yield
    office.person.create_in_salesforce("Contact", LastName="Three", Phone=after)
    yield
    assert (office.contact(after)["id"], office.contact(after)["last_name"]) == (contact["id"], "Three")
    assert office.person.find_in_aloware(before) is None


# Create both a Lead and a Contact with one phone number: the configured priority decides.


def lead_and_contact(office: Office) -> str:
    phone = number()
    office.person.create_in_salesforce("Lead", FirstName="R.", LastName="Patel", Company="Patel LLC", Phone=phone)
    office.person.create_in_salesforce("Contact", FirstName="Rina", LastName="Patel", Phone=phone)
    return phone


@inbound
def test_of_a_lead_and_a_contact_the_contact_appears_where_contacts_have_priority(office: Office) -> Scene:
    """“Observe conflict resolution - Create both a Lead and a Contact in Salesforce with the same phone number.
    Observe which entity appears in Aloware based on your set priority.”"""
    phone = lead_and_contact(office)
    report = yield
    assert office.contact(phone)["first_name"] == "Rina"
    collisions = report.plan.collisions
    assert list(collisions.loc[collisions["phone"] == phone, "kind"]) == ["lead-and-contact"]


@leads_first
def test_of_a_lead_and_a_contact_the_lead_appears_where_leads_have_priority(office: Office) -> Scene:
    """“… the system will respect the priority you set during configuration (either Lead or Contact takes
    precedence).”"""
    phone = lead_and_contact(office)
    yield
    assert office.contact(phone)["first_name"] == "R."
    assert office.person.in_salesforce("Contact", phone)[0]["FirstName"] == "Rina", "the other one is left alone"


@inbound
def test_a_contact_that_comes_after_its_lead_takes_over_where_contacts_have_priority(office: Office) -> Scene:
    """“Sync with Contacts and Leads at same time (with prioritization for contacts in this example).”"""
    phone = number()
    office.person.create_in_salesforce("Lead", FirstName="R.", LastName="Patel", Company="Patel LLC", Phone=phone)
    yield
    assert office.contact(phone)["first_name"] == "R."
    office.person.create_in_salesforce("Contact", FirstName="Rina", LastName="Patel", Phone=phone)
    yield
    assert office.contact(phone)["first_name"] == "Rina"


@two_way
def test_only_the_one_with_priority_takes_an_agents_edit(office: Office) -> Scene:
    """“Define which object (lead or contact) has precedence when both exist with the same identifier in Salesforce.”"""
    phone = lead_and_contact(office)
    yield
    office.person.edit_in_aloware(str(office.contact(phone)["id"]), first_name="Rinu")
    yield
    assert office.person.in_salesforce("Contact", phone)[0]["FirstName"] == "Rinu"
    assert office.person.in_salesforce("Lead", phone)[0]["FirstName"] == "R."


@two_way
def test_an_edit_of_the_one_without_priority_goes_nowhere(office: Office) -> Scene:
    """“… to ensure a single, consistent record in Aloware.”"""
    phone = lead_and_contact(office)
    yield
    lead = office.person.in_salesforce("Lead", phone)[0]["Id"]
    office.person.edit_in_salesforce("Lead", lead, FirstName="Shadow")
    report = yield
    assert planned(report, phone) == []
    assert office.contact(phone)["first_name"] == "Rina"


# Convert a Lead to a Contact: the synchronization behaves correctly.


def lou(office: Office) -> tuple[str, str]:
    phone = number()
    values = {"FirstName": "Lou", "LastName": "Reyes", "Company": "Reyes Co", "Phone": phone}
    return phone, office.person.create_in_salesforce("Lead", **values)


@two_way
def test_a_conversion_hands_the_link_to_the_contact_and_changes_nothing_else(office: Office) -> Scene:
    """“Test lead conversion - convert a Lead to a Contact in Salesforce. Validate that the synchronization behaves
    correctly.”"""
    phone, lead = lou(office)
    yield
    before = office.contact(phone)
    contact = office.person.convert(lead)
    report = yield
    assert planned(report, phone) == []
    assert office.contact(phone)["id"] == before["id"]
    with open_session() as session:
        links = session.state().links
    assert links.at[f"salesforce:Contact:{contact}", "person"] == links.at[f"salesforce:Lead:{lead}", "person"]
    assert links.at[f"salesforce:Contact:{contact}", "role"] == "representative"
    assert links.at[f"salesforce:Lead:{lead}", "role"] == "tombstone"


@two_way
def test_after_a_conversion_the_contact_speaks_and_is_spoken_to(office: Office) -> Scene:
    """“… validate that the synchronization behaves correctly”: both ways, with the Contact. Nothing reaches the dead
    Lead."""
    phone, lead = lou(office)
    yield
    contact = office.person.convert(lead)
    yield
    office.person.edit_in_salesforce("Contact", contact, FirstName="Louise")
    office.person.edit_in_aloware(str(office.contact(phone)["id"]), last_name="Reyes-Ott")
    yield
    assert office.contact(phone)["first_name"] == "Louise"
    assert [r["LastName"] for r in office.person.in_salesforce("Contact", phone)] == ["Reyes-Ott"]
    assert office.person.value("salesforce", "Lead", lead, "LastName") == "Reyes"
    report = yield
    assert planned(report, phone) == []


@two_way
def test_a_conversion_and_an_edit_in_one_go_are_both_seen(office: Office) -> Scene:
    """“… validate that the synchronization behaves correctly”: an edit right after the conversion isn't lost."""
    phone, lead = lou(office)
    yield
    office.person.edit_in_salesforce("Contact", office.person.convert(lead), FirstName="Lucille")
    yield
    assert office.contact(phone)["first_name"] == "Lucille"


@two_way
def test_a_conversion_into_the_contact_with_its_number_leaves_that_one_in_charge(office: Office) -> Scene:
    """“… validate that the synchronization behaves correctly”: the Contact was there before, and keeps its word."""
    phone = lead_and_contact(office)
    yield
    lead, contact = (office.person.in_salesforce(name, phone)[0]["Id"] for name in ("Lead", "Contact"))
    assert office.person.convert(lead, contact) == contact
    report = yield
    assert planned(report, phone) == []
    assert office.contact(phone)["first_name"] == "Rina"


# Records created or changed in Salesforce appear in Aloware, without duplicates of phone or e-mail.


@inbound
def test_a_contact_and_a_lead_created_in_salesforce_appear_in_aloware(office: Office) -> Scene:
    """“If a contact is created in Salesforce, it will sync to Aloware shortly after.”"""
    one, other = number(), number()
    values = {"FirstName": "Maya", "LastName": "Okafor", "Email": "maya@okafor.example", "Phone": one}
    office.person.create_in_salesforce("Contact", **values)
    office.person.create_in_salesforce("Lead", FirstName="Eve", LastName="Ito", Company="Ito KK", Phone=other)
    yield
    contact, lead = office.contact(one), office.contact(other)
    assert (contact["first_name"], contact["last_name"], contact["email"]) == ("Maya", "Okafor", "maya@okafor.example")
    assert (lead["last_name"], lead["company_name"]) == ("Ito", "Ito KK")


@inbound
def test_a_change_in_salesforce_follows_to_aloware(office: Office) -> Scene:
    """“The same applies to updates for existing contacts.”"""
    phone = number()
    contact = office.person.create_in_salesforce("Contact", FirstName="Maya", LastName="Okafor", Phone=phone)
    yield
    office.person.edit_in_salesforce("Contact", contact, LastName="Okafor-Reyes", Email="m@reyes.example")
    yield
    found = office.contact(phone)
    assert (found["last_name"], found["email"]) == ("Okafor-Reyes", "m@reyes.example")


@inbound
def test_one_number_in_many_spellings_is_one_aloware_contact(office: Office) -> Scene:
    """“The system uses the phone number as a unique identifier in Aloware to prevent data redundancy …”"""
    phone = number()
    area, exchange, line = phone[2:5], phone[5:8], phone[8:]
    spellings = [phone, f"({area}) {exchange}-{line}", f"001 {area} {exchange} {line}", f"{area}.{exchange}.{line} x7"]
    for place, spelling in enumerate(spellings):
        office.person.create_in_salesforce("Contact", FirstName=f"Nr {place}", LastName="Same", Phone=spelling)
    office.person.create_in_hubspot(firstname="Nr 9", lastname="Same", phone=f"1-{area}-{exchange}-{line}")
    yield
    numbers = office.person.aloware_numbers()
    assert numbers.count(phone) == 1
    assert len(set(numbers)) == len(numbers)


@inbound
def test_an_address_that_two_people_claim_is_spread_to_nobody_and_reported(office: Office) -> Scene:
    """“… ensuring that there are no duplicate phone numbers or emails between Salesforce and Aloware.”"""
    one, other = number(), number()
    for phone in (one, other):
        office.person.create_in_salesforce("Contact", LastName="Twin", Email=f"twin{one}@x.example", Phone=phone)
    report = yield
    taken = report.plan.collisions.query("kind == 'email-taken'")
    assert {one, other} & set(taken["phone"])
    contacts = [contact for phone in (one, other) if (contact := office.person.find_in_aloware(phone))]
    assert len([contact for contact in contacts if contact["email"]]) <= 1
