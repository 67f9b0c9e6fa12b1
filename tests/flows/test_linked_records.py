"""Links from Aloware's contacts to their Salesforce and HubSpot records, over HTTP: they lead to whoever speaks now."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.plan import plan
from flows.reconcile import reconcile
from flows.undo import undo
from flows.why import why
from tasks.sandbox.hubspot.contacts import PORTAL
from tasks.settings import DEFAULT_POLICY
from tests.flows.worlds import Day, Office, Play, Scene, connected, number, planned

LINKS = """
[fields.salesforce_link]
type = "link"
contact = "record_url"
lead = "record_url"
aloware = "csf1"

[fields.hubspot_link]
type = "link"
hubspot = "record_url"
aloware = "csf2"
"""
linked = Play("linked_day")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Everybody agreed before the policy named the fields; since its first run with them they are filled."""
    folder = tmp_path_factory.mktemp("linked")
    policy = folder / "policy.toml"
    policy.write_text(DEFAULT_POLICY.read_text(encoding="utf-8"), encoding="utf-8")
    with connected(folder, policy=policy, stock=4) as made:
        name_links(policy)
        assert reconcile(initial=True).converged
        yield made


def name_links(policy: Path) -> None:
    policy.write_text(policy.read_text(encoding="utf-8") + LINKS, encoding="utf-8")


@pytest.fixture(scope="module")
def linked_day(office: Office) -> Day:
    return linked.act(office)


def in_salesforce(office: Office, object_name: str, record_id: str) -> str:
    return f"{office.environment['SALESFORCE_URL']}/lightning/r/{object_name}/{record_id}/view"


def in_hubspot(record_id: str) -> str:
    return f"https://app.hubspot.com/contacts/{PORTAL}/record/0-1/{record_id}"


def shown(office: Office, phone: str) -> tuple[str, str]:
    """The two fields, as agents see them."""
    contact = office.contact(phone)
    return str(contact["csf1"] or ""), str(contact["csf2"] or "")


@linked
def test_whoever_was_there_before_is_linked(office: Office) -> Scene:
    """The run after the policy named the fields reads the CRMs anew, and fills them; a next one has nothing to do."""
    ann = office.stock[0]
    assert shown(office, ann.phone) == (in_salesforce(office, "Contact", ann.salesforce), "")
    assert plan().plan.changes.empty
    ((_, (told,)),) = why(ann.phone, "salesforce_link")
    assert "(rule link)" in " ".join(told.origin)
    yield


@linked
def test_an_agent_s_edit_is_written_back(office: Office) -> Scene:
    """It is drift, and reaches no CRM."""
    ann = office.stock[1]
    office.person.edit_in_aloware(ann.aloware, csf1="see notes")
    report = yield
    assert planned(report, ann.phone) == [("aloware", "update", "csf1")]
    assert shown(office, ann.phone)[0] == in_salesforce(office, "Contact", ann.salesforce)


@linked
def test_a_new_person_is_linked_at_once(office: Office) -> Scene:
    """Whom HubSpot and Salesforce know and Aloware doesn't is created with both."""
    phone = number()
    lead = office.person.create_in_salesforce("Lead", FirstName="Lou", LastName="New", Company="New", Phone=phone)
    contact = office.person.create_in_hubspot(firstname="Lou", lastname="New", phone=phone)
    yield
    assert shown(office, phone) == (in_salesforce(office, "Lead", lead), in_hubspot(contact))


@linked
def test_a_converted_lead_s_link_leads_to_the_contact(office: Office) -> Scene:
    """As soon as a run has seen the conversion; and the run after has nothing to do."""
    phone = number()
    lead = office.person.create_in_salesforce("Lead", FirstName="Lea", LastName="Lead", Company="Lee", Phone=phone)
    yield
    assert shown(office, phone)[0] == in_salesforce(office, "Lead", lead)
    became = office.person.convert(lead)
    report = yield
    assert planned(report, phone) == [("aloware", "update", "csf1")]
    assert shown(office, phone)[0] == in_salesforce(office, "Contact", became)
    report = yield
    assert planned(report, phone) == []


@linked
def test_a_merged_contact_s_link_leads_to_its_master(office: Office) -> Scene:
    """In Salesforce to the record that is left, in HubSpot to the one that came of the two, under a new id."""
    phone, other = number(), number()
    person = office.person
    first, second = (
        person.create_in_salesforce("Contact", FirstName="Max", LastName="Two", Phone=phone) for _ in range(2)
    )
    one = person.create_in_hubspot(firstname="Max", lastname="Two", phone=phone)
    two = person.create_in_hubspot(firstname="Max", lastname="Twin", phone=other)
    yield
    speaks = next(ref for ref in (first, second) if shown(office, phone)[0] == in_salesforce(office, "Contact", ref))
    person.merge_in_salesforce("Contact", first if speaks == second else second, speaks)
    became = person.merge_in_hubspot(one, two)
    yield
    left = first if speaks == second else second
    assert shown(office, phone) == (in_salesforce(office, "Contact", left), in_hubspot(became))


def test_a_link_is_taken_back_with_its_run(office: Office, linked_day: Day) -> None:
    """It leads where it led, and the next run leaves it so; a field that was blank can't be blanked again."""
    phone = number()
    lead = office.person.create_in_salesforce("Lead", FirstName="Una", LastName="Do", Company="Do", Phone=phone)
    reconcile()
    office.person.convert(lead)
    undo(reconcile().plan.run)
    assert shown(office, phone)[0] == in_salesforce(office, "Lead", lead)
    assert planned(reconcile(), phone) == []
