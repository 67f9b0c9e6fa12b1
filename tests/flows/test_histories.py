"""Histories that other integrations get wrong, acted out on the emulators over several runs: who is who stays right."""

from collections.abc import Iterator

import pytest

from tasks.core.model import SCOPES, SYSTEMS
from tasks.session import open_session
from tests.flows.worlds import Day, Office, Play, Scene, connected, number, planned, policy_with

lived = Play("lived_day")


@pytest.fixture(scope="module")
def lived_day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """Every scope two-way, contacts first; no breaker: the histories make most of this small world."""
    folder = tmp_path_factory.mktemp("lived")
    with connected(folder, policy=policy_with(folder, floor="1000"), scopes=SCOPES) as office:
        yield lived.act(office)


def contact(office: Office, phone: str, first: str, last: str, **values: str) -> str:
    return office.person.create_in_salesforce("Contact", FirstName=first, LastName=last, Phone=phone, **values)


def agent_renames(office: Office, phone: str, last_name: str) -> None:
    """An agent types a last name into the Aloware contact with that number."""
    office.person.edit_in_aloware(str(office.contact(phone)["id"]), last_name=last_name)


def last_names(office: Office, phone: str) -> dict[str, list[str]]:
    """What each system's records with that number say."""
    return {
        "salesforce": [r["LastName"] for r in office.person.in_salesforce("Contact", phone)],
        "hubspot": [r["lastname"] for r in office.person.in_hubspot(phone)],
        "aloware": [c["last_name"] for c in [office.person.find_in_aloware(phone)] if c],
    }


def all_say(last_name: str) -> dict[str, list[str]]:
    return {system: [last_name] for system in SYSTEMS}


def role(system: str, object_name: str, record_id: str) -> str:
    """The part that a record plays for its person, as the ledger has it."""
    with open_session() as session:
        return str(session.state().links.at[f"{system}:{object_name}:{record_id}", "role"])


# The loser of a conflict.


@lived
def test_the_loser_of_a_conflict_does_not_win_one_run_later(office: Office) -> Scene:
    """Salesforce, HubSpot and an agent say three things between two runs: Salesforce wins, and stays the winner."""
    phone = number()
    ann = contact(office, phone, "Ann", "Lee")
    record = office.person.create_in_hubspot(firstname="Ann", lastname="Lee", phone=phone)
    yield
    office.person.edit_in_salesforce("Contact", ann, LastName="Winner")
    office.person.edit_in_hubspot(record, lastname="Loser")
    agent_renames(office, phone, "Also lost")
    report = yield
    conflicts = report.plan.conflicts
    mine = conflicts[conflicts["person"].str.endswith(ann)]
    assert list(mine["winner"]) == ["salesforce"]
    assert "Loser" in mine["sides"].item()
    assert "Also lost" in mine["sides"].item()
    for _ in range(2):
        assert last_names(office, phone) == all_say("Winner")
        report = yield
        assert planned(report, phone) == []


# Numbers that move.


@lived
def test_two_people_swap_their_numbers(office: Office) -> Scene:
    """Each Aloware contact becomes the other's, and nothing that only one of the two has reaches the other."""
    one, other = number(), number()
    address, firm = f"ann{one}@lee.example", "Lee & Co"
    ann = contact(office, one, "Ann", "Lee", Email=address)
    bob = contact(office, other, "Bob", "Ray")
    at_ann = office.person.create_in_hubspot(firstname="Ann", lastname="Lee", phone=one, company=firm)
    at_bob = office.person.create_in_hubspot(firstname="Bob", lastname="Ray", phone=other)
    yield
    before = {phone: office.contact(phone)["id"] for phone in (one, other)}
    assert office.contact(one)["company_name"] == firm
    office.person.edit_in_salesforce("Contact", ann, Phone=other)
    office.person.edit_in_salesforce("Contact", bob, Phone=one)
    yield
    for _ in range(2):
        assert [office.contact(phone)["last_name"] for phone in (one, other)] == ["Ray", "Lee"]
        assert {phone: office.contact(phone)["id"] for phone in (one, other)} == before
        assert office.contact(other)["company_name"] == firm
        assert office.person.value("salesforce", "Contact", ann, "Email") == address
        assert office.person.value("salesforce", "Contact", bob, "Email") == ""
        assert [office.person.value("hubspot", "contacts", each, "company") for each in (at_ann, at_bob)] == [firm, ""]
        assert [office.person.value("hubspot", "contacts", each, "phone") for each in (at_ann, at_bob)] == [other, one]
        report = yield
        assert planned(report, one) == planned(report, other) == []


@lived
def test_three_people_rotate_their_numbers(office: Office) -> Scene:
    phones = [number() for _ in range(3)]
    names = ["One", "Two", "Three"]
    records = [contact(office, phone, "Ro", name) for phone, name in zip(phones, names, strict=True)]
    yield
    for record, phone in zip(records, [*phones[1:], phones[0]], strict=True):
        office.person.edit_in_salesforce("Contact", record, Phone=phone)
    yield
    assert [office.contact(phone)["last_name"] for phone in phones] == ["Three", "One", "Two"]
    report = yield
    assert [planned(report, phone) for phone in phones] == [[], [], []]
    assert all(office.person.aloware_numbers().count(phone) == 1 for phone in phones)


@lived
def test_the_contact_left_behind_by_a_number_change_does_not_come_back_as_a_person(office: Office) -> Scene:
    """It is fed no more, speaks no more, and no CRM gets a record of it, whatever agents do with it."""
    before, after = number(), number()
    ann = contact(office, before, "Ann", "Moves")
    yield
    left = str(office.contact(before)["id"])
    office.person.edit_in_salesforce("Contact", ann, Phone=after)
    yield
    assert office.contact(after)["last_name"] == "Moves"
    assert office.contact(after)["id"] != left
    assert role("aloware", "contacts", left) == "retired"
    agent_renames(office, before, "Ghost")
    office.person.edit_in_salesforce("Contact", ann, LastName="Moved")
    for _ in range(2):
        report = yield
        assert last_names(office, before) == {"salesforce": [], "hubspot": [], "aloware": ["Ghost"]}
        assert last_names(office, after) == {"salesforce": ["Moved"], "hubspot": [], "aloware": ["Moved"]}
        assert planned(report, before) == []


@lived
def test_somebody_else_who_gets_a_number_gets_its_contact_and_nothing_that_it_said(office: Office) -> Scene:
    before, after = number(), number()
    ann = contact(office, before, "Ann", "Moves", Email=f"ann{before}@lee.example")
    yield
    left = office.contact(before)["id"]
    office.person.edit_in_salesforce("Contact", ann, Phone=after)
    yield
    new = contact(office, before, "Nia", "New")
    yield
    assert (office.contact(before)["id"], office.contact(before)["last_name"]) == (left, "New")
    report = yield
    assert planned(report, before) == planned(report, after) == []
    assert office.person.value("salesforce", "Contact", new, "Email") == ""


@lived
def test_a_number_that_moves_back_finds_its_old_contact(office: Office) -> Scene:
    before, after = number(), number()
    ann = contact(office, before, "Ann", "Returns")
    yield
    first = office.contact(before)["id"]
    office.person.edit_in_salesforce("Contact", ann, Phone=after)
    yield
    office.person.edit_in_salesforce("Contact", ann, Phone=before, LastName="Returned")
    yield
    assert (office.contact(before)["id"], office.contact(before)["last_name"]) == (first, "Returned")
    report = yield
    assert planned(report, before) == planned(report, after) == []


@lived
def test_a_number_that_somebody_else_in_the_same_crm_has_is_reported_and_the_rest_flows(office: Office) -> Scene:
    one, other = number(), number()
    ann = contact(office, one, "Ann", "First")
    contact(office, other, "Bob", "Second")
    yield
    office.person.edit_in_salesforce("Contact", ann, Phone=other, LastName="Changed")
    report = yield
    collisions = report.plan.collisions
    assert "number-taken" in set(collisions.loc[collisions["phone"] == other, "kind"])
    assert [office.contact(phone)["last_name"] for phone in (one, other)] == ["Changed", "Second"]
    report = yield
    assert planned(report, one) == planned(report, other) == []
    assert other in set(report.plan.collisions["phone"]), "it is said as long as it lasts"


@lived
def test_what_else_an_agent_typed_flows_while_the_number_is_somebody_else_s(office: Office) -> Scene:
    """The contact is looked at under the number that it has now, not under the one that its person keeps."""
    one, other = number(), number()
    ann = contact(office, one, "Ann", "First")
    contact(office, other, "Bob", "Second")
    yield
    office.person.delete("aloware", "contacts", str(office.contact(other)["id"]))
    office.person.edit_in_aloware(str(office.contact(one)["id"]), phone_number=other, last_name="Changed")
    report = yield
    assert "number-taken" in set(report.plan.collisions.loc[report.plan.collisions["phone"] == other, "kind"])
    assert office.person.value("salesforce", "Contact", ann, "LastName") == "Changed"
    report = yield
    assert planned(report, one) == planned(report, other) == []


@lived
def test_two_records_of_one_human_become_one_person_when_their_numbers_meet(office: Office) -> Scene:
    """Salesforce knew one number and HubSpot another; HubSpot's is corrected: no CRM has both, so they are one."""
    one, other = number(), number()
    contact(office, one, "Ann", "Lee")
    record = office.person.create_in_hubspot(firstname="Ann", lastname="Lee-Roy", phone=other)
    yield
    second = str(office.contact(other)["id"])
    office.person.edit_in_hubspot(record, phone=one)
    yield
    assert role("aloware", "contacts", second) == "retired"
    agent_renames(office, one, "Together")
    report = yield
    assert last_names(office, one) == all_say("Together")
    report = yield
    assert planned(report, one) == planned(report, other) == []
    assert last_names(office, other) == {"salesforce": [], "hubspot": [], "aloware": ["Lee-Roy"]}


# Conversions and merges.


@lived
def test_a_lead_converted_into_somebody_elses_contact_makes_the_two_one_person(office: Office) -> Scene:
    """The Contact's person survives with its values; the Lead's contact is retired, and nothing is created anew."""
    lost, kept = number(), number()
    values = {"FirstName": "Lou", "LastName": "Reyes", "Company": "Reyes Co", "Phone": lost}
    lead = office.person.create_in_salesforce("Lead", **values)
    rina = contact(office, kept, "Rina", "Patel")
    yield
    left = str(office.contact(lost)["id"])
    office.person.convert(lead, rina)
    yield
    assert role("salesforce", "Lead", lead) == "tombstone"
    assert role("aloware", "contacts", left) == "retired"
    assert office.contact(kept)["last_name"] == "Patel"
    agent_renames(office, lost, "Ghost")
    office.person.edit_in_salesforce("Contact", rina, LastName="Patel-Rao")
    for _ in range(2):
        report = yield
        assert planned(report, lost) == []
        assert last_names(office, kept) == {"salesforce": ["Patel-Rao"], "hubspot": [], "aloware": ["Patel-Rao"]}
        assert last_names(office, lost) == {"salesforce": [], "hubspot": [], "aloware": ["Ghost"]}
    assert office.person.in_salesforce("Lead", lost) == []


@lived
def test_a_contact_merged_into_another_linked_contact_leaves_one_person(office: Office) -> Scene:
    kept, lost = number(), number()
    master, loser = contact(office, kept, "Ann", "Master"), contact(office, lost, "Ann", "Loser")
    yield
    left = str(office.contact(lost)["id"])
    office.person.merge_in_salesforce("Contact", master, loser)
    yield
    assert role("aloware", "contacts", left) == "retired"
    agent_renames(office, lost, "Ghost")
    office.person.edit_in_salesforce("Contact", master, LastName="Merged")
    for _ in range(2):
        report = yield
        assert planned(report, lost) == []
        assert last_names(office, kept) == {"salesforce": ["Merged"], "hubspot": [], "aloware": ["Merged"]}
        assert last_names(office, lost) == {"salesforce": [], "hubspot": [], "aloware": ["Ghost"]}


@lived
def test_hubspot_contacts_that_are_merged_go_on_under_their_new_id(office: Office) -> Scene:
    kept, lost = number(), number()
    one = office.person.create_in_hubspot(firstname="Ann", lastname="Primary", phone=kept)
    other = office.person.create_in_hubspot(firstname="Ann", lastname="Other", phone=lost)
    yield
    left = str(office.contact(lost)["id"])
    merged = office.person.merge_in_hubspot(one, other)
    assert merged not in (one, other)
    yield
    assert role("hubspot", "contacts", merged) == "representative"
    assert role("aloware", "contacts", left) == "retired"
    agent_renames(office, kept, "By an agent")
    for _ in range(2):
        report = yield
        assert office.person.value("hubspot", "contacts", merged, "lastname") == "By an agent"
        assert planned(report, lost) == []
        assert [len(found) for found in last_names(office, kept).values()] == [0, 1, 1]
        assert [len(found) for found in last_names(office, lost).values()] == [0, 0, 1]


# Deletions.


@lived
def test_what_is_deleted_in_one_system_is_neither_recreated_there_nor_deleted_elsewhere(office: Office) -> Scene:
    phones = [number() for _ in range(3)]
    records = []
    for phone in phones:
        here = contact(office, phone, "Dee", "Gone")
        there = office.person.create_in_hubspot(firstname="Dee", lastname="Gone", phone=phone)
        records.append((here, there))
    yield
    assert [last_names(office, phone) for phone in phones] == [all_say("Gone")] * 3
    office.person.delete("salesforce", "Contact", records[0][0])
    office.person.delete("hubspot", "contacts", records[1][1])
    office.person.delete("aloware", "contacts", str(office.contact(phones[2])["id"]))
    yield
    office.person.edit_in_hubspot(records[0][1], lastname="Edited")
    office.person.edit_in_salesforce("Contact", records[1][0], LastName="Edited")
    office.person.edit_in_salesforce("Contact", records[2][0], LastName="Edited")
    for _ in range(2):
        report = yield
        for phone, system in zip(phones, SYSTEMS, strict=True):
            assert last_names(office, phone) == all_say("Edited") | {system: []}
    assert [planned(report, phone) for phone in phones] == [[], [], []]


@lived
def test_a_record_that_is_restored_comes_back_to_its_person(office: Office) -> Scene:
    phone = number()
    ann = contact(office, phone, "Ann", "Back")
    yield
    office.person.delete("salesforce", "Contact", ann)
    yield
    assert role("salesforce", "Contact", ann) == "tombstone"
    office.restore_in_salesforce("Contact", ann)
    yield
    assert role("salesforce", "Contact", ann) == "representative"
    agent_renames(office, phone, "Home")
    yield
    assert office.person.value("salesforce", "Contact", ann, "LastName") == "Home"
    report = yield
    assert planned(report, phone) == []


@lived
def test_somebody_who_is_created_again_comes_back_to_their_person(office: Office) -> Scene:
    phone = number()
    ann = contact(office, phone, "Ann", "Again")
    yield
    office.person.delete("aloware", "contacts", str(office.contact(phone)["id"]))
    yield
    assert office.person.find_in_aloware(phone) is None
    office.person.create_in_aloware(phone_number=phone, first_name="Ann")
    yield
    assert office.contact(phone)["last_name"] == "Again"
    assert len(office.person.in_salesforce("Contact", phone)) == 1
    agent_renames(office, phone, "Heard")
    yield
    assert office.person.value("salesforce", "Contact", ann, "LastName") == "Heard"
