"""What the vendor's help pages promise and ask to be tried out, acted out by people on the three systems."""

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
    with connected(folder, people=20, policy=policy_with(folder, floor="1000"), scopes=SCOPES) as office:
        yield two_way.act(office)


@pytest.fixture(scope="module")
def leads_first_day(tmp_path_factory: TempFolders) -> Iterator[Day]:
    """Every scope two-way, leads first."""
    folder = tmp_path_factory.mktemp("leads-first")
    with connected(folder, policy=policy_with(folder, priority='"lead"'), scopes=SCOPES) as office:
        yield leads_first.act(office)


def test_an_inbound_crm_is_never_written(inbound_day: Day) -> None:
    assert inbound_day.written["salesforce"] == inbound_day.written["hubspot"] == []
    assert inbound_day.written["aloware"]


# Create a new contact in Aloware: it appears as a Lead or a Contact, respecting the priority.


@two_way
def test_a_new_aloware_contact_becomes_a_contact_where_contacts_have_priority(office: Office) -> Scene:
    phone = number()
    office.person.create_in_aloware(phone_number=phone, first_name="Jonas", last_name="Weber")
    yield
    assert [r["LastName"] for r in office.person.in_salesforce("Contact", phone)] == ["Weber"]
    assert office.person.in_salesforce("Lead", phone) == []
    assert [r["firstname"] for r in office.person.in_hubspot(phone)] == ["Jonas"]


@leads_first
def test_a_new_aloware_contact_becomes_a_lead_where_leads_have_priority(office: Office) -> Scene:
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
    phone = number()
    office.person.create_in_aloware(phone_number=phone, first_name="Ana", last_name="Sá", company_name="Sá Lda")
    yield
    assert office.person.in_salesforce("Lead", phone, "Company")[0]["Company"] == "Sá Lda"


@pytest.mark.parametrize(("module", "made", "other"), [("leads", "Lead", "Contact"), ("contacts", "Contact", "Lead")])
def test_sync_only_with_one_module(module: str, made: str, other: str, tmp_path_factory: TempFolders) -> None:
    folder = tmp_path_factory.mktemp(module)
    policy = policy_with(folder, modules=f'["{module}"]', priority=f'"{made.lower()}"')
    play, phone, ignored = Play(""), number(), number()

    def scene(office: Office) -> Scene:
        office.person.create_in_aloware(phone_number=phone, first_name="Ada", last_name="Okoro")
        company = {"Company": "Acme"} if other == "Lead" else {}
        office.person.create_in_salesforce(other, LastName="Elsewhere", Phone=ignored, **company)
        yield
        assert len(office.person.in_salesforce(made, phone)) == 1
        assert office.person.in_salesforce(other, phone) == []
        assert office.person.find_in_aloware(ignored) is None, "a module that is off isn't synchronized"

    play(scene)
    with connected(folder, policy=policy, scopes=["salesforce.create"]) as office:
        assert play.act(office).outcomes == {"scene": None}


@inbound
def test_a_new_aloware_contact_stays_there_while_creation_is_inbound(office: Office) -> Scene:
    phone = number()
    office.person.create_in_aloware(phone_number=phone, first_name="Jonas", last_name="Weber")
    yield
    assert office.person.in_salesforce("Contact", phone) == office.person.in_salesforce("Lead", phone) == []
    assert office.person.in_hubspot(phone) == []


# Update contact information in Aloware: reflected in Salesforce, if bi-directional sync is enabled.


@two_way
def test_a_contacts_information_changed_in_aloware_is_reflected_in_salesforce(office: Office) -> Scene:
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
    phone = number()
    office.person.create_in_salesforce("Lead", FirstName="Bo", LastName="Ek", Company="Ek AB", Phone=phone)
    yield
    office.person.edit_in_aloware(str(office.contact(phone)["id"]), last_name="Ekman", company_name="Ekman AB")
    yield
    (lead,) = office.person.in_salesforce("Lead", phone, "Company")
    assert (lead["LastName"], lead["Company"]) == ("Ekman", "Ekman AB")


@two_way
def test_a_number_changed_in_aloware_is_reflected_in_salesforce(office: Office) -> Scene:
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
    phone = lead_and_contact(office)
    report = yield
    assert office.contact(phone)["first_name"] == "Rina"
    collisions = report.plan.collisions
    assert list(collisions.loc[collisions["phone"] == phone, "kind"]) == ["lead-and-contact"]


@leads_first
def test_of_a_lead_and_a_contact_the_lead_appears_where_leads_have_priority(office: Office) -> Scene:
    phone = lead_and_contact(office)
    yield
    assert office.contact(phone)["first_name"] == "R."
    assert office.person.in_salesforce("Contact", phone)[0]["FirstName"] == "Rina", "the other one is left alone"


@inbound
def test_a_contact_that_comes_after_its_lead_takes_over_where_contacts_have_priority(office: Office) -> Scene:
    phone = number()
    office.person.create_in_salesforce("Lead", FirstName="R.", LastName="Patel", Company="Patel LLC", Phone=phone)
    yield
    assert office.contact(phone)["first_name"] == "R."
    office.person.create_in_salesforce("Contact", FirstName="Rina", LastName="Patel", Phone=phone)
    yield
    assert office.contact(phone)["first_name"] == "Rina"


@two_way
def test_only_the_one_with_priority_takes_an_agents_edit(office: Office) -> Scene:
    phone = lead_and_contact(office)
    yield
    office.person.edit_in_aloware(str(office.contact(phone)["id"]), first_name="Rinu")
    yield
    assert office.person.in_salesforce("Contact", phone)[0]["FirstName"] == "Rinu"
    assert office.person.in_salesforce("Lead", phone)[0]["FirstName"] == "R."


@two_way
def test_an_edit_of_the_one_without_priority_goes_nowhere(office: Office) -> Scene:
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
    phone, lead = lou(office)
    yield
    contact = office.person.convert(lead)
    yield
    office.person.edit_in_salesforce("Contact", contact, FirstName="Louise")
    office.person.edit_in_aloware(str(office.contact(phone)["id"]), last_name="Reyes-Ott")
    yield
    assert office.contact(phone)["first_name"] == "Louise"
    assert [r["LastName"] for r in office.person.in_salesforce("Contact", phone)] == ["Reyes-Ott"]


@two_way
def test_a_conversion_and_an_edit_in_one_go_are_both_seen(office: Office) -> Scene:
    phone, lead = lou(office)
    yield
    office.person.edit_in_salesforce("Contact", office.person.convert(lead), FirstName="Lucille")
    yield
    assert office.contact(phone)["first_name"] == "Lucille"


@two_way
def test_a_conversion_into_the_contact_with_its_number_leaves_that_one_in_charge(office: Office) -> Scene:
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
    phone = number()
    contact = office.person.create_in_salesforce("Contact", FirstName="Maya", LastName="Okafor", Phone=phone)
    yield
    office.person.edit_in_salesforce("Contact", contact, LastName="Okafor-Reyes", Email="m@reyes.example")
    yield
    found = office.contact(phone)
    assert (found["last_name"], found["email"]) == ("Okafor-Reyes", "m@reyes.example")


@inbound
def test_one_number_in_many_spellings_is_one_aloware_contact(office: Office) -> Scene:
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
    one, other = number(), number()
    for phone in (one, other):
        office.person.create_in_salesforce("Contact", LastName="Twin", Email=f"twin{one}@x.example", Phone=phone)
    report = yield
    taken = report.plan.collisions.query("kind == 'email-taken'")
    assert {one, other} & set(taken["phone"])
    contacts = [contact for phone in (one, other) if (contact := office.person.find_in_aloware(phone))]
    assert len([contact for contact in contacts if contact["email"]]) <= 1


# HubSpot's Lead Status is Aloware's contact disposition.


def lena(office: Office) -> tuple[str, str]:
    phone = number()
    return phone, office.person.create_in_hubspot(firstname="Lena", lastname="Ortiz", phone=phone, hs_lead_status="NEW")


def pick(office: Office, phone: str, name: str) -> None:
    """What an agent does who picks a disposition."""
    chosen = office.person.dispositions()[name]["id"]
    office.person.edit_in_aloware(str(office.contact(phone)["id"]), disposition_status_id=chosen)


def status_changed_in_hubspot(office: Office) -> Scene:
    phone, record = lena(office)
    yield
    assert office.contact(phone)["disposition"] == "New"
    office.person.edit_in_hubspot(record, hs_lead_status="CONNECTED")
    yield
    assert office.contact(phone)["disposition"] == "Connected"


@inbound
def test_one_way_a_lead_status_changed_in_hubspot_is_the_contacts_disposition(office: Office) -> Scene:
    yield from status_changed_in_hubspot(office)


@two_way
def test_two_way_a_lead_status_changed_in_hubspot_is_the_contacts_disposition(office: Office) -> Scene:
    yield from status_changed_in_hubspot(office)


@inbound
def test_one_way_an_agents_pick_is_put_back(office: Office) -> Scene:
    phone, _ = lena(office)
    yield
    pick(office, phone, "Unqualified")
    report = yield
    assert office.contact(phone)["disposition"] == "New"
    assert office.person.in_hubspot(phone)[0]["hs_lead_status"] == "NEW"
    changes = report.plan.changes
    assert list(changes.loc[changes["phone"] == phone, "rule"]) == ["drift"]


@two_way
def test_two_way_an_agents_pick_flows_back(office: Office) -> Scene:
    phone, _ = lena(office)
    yield
    pick(office, phone, "Unqualified")
    yield
    assert office.person.in_hubspot(phone)[0]["hs_lead_status"] == "UNQUALIFIED"
    assert office.contact(phone)["disposition"] == "Unqualified"


@inbound
def test_agents_see_exactly_hubspots_statuses_and_they_are_locked(office: Office) -> Scene:
    yield
    mirrored = [each for each in office.person.dispositions().values() if each["value"]]
    statuses = {status["value"]: status["label"] for status in office.person.statuses()}
    assert {each["value"]: each["name"] for each in mirrored} == statuses
    assert all(each["locked"] for each in mirrored)
