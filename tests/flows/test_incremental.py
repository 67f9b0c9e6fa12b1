"""Runs that read only what changed: nothing is missed, nobody dead is written to or comes back, and little is read."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.apply import apply
from flows.connections import connect
from flows.one_time_pull import one_time_pull
from flows.plan import plan
from flows.reconcile import reconcile
from tasks.connectors import hubspot, hubspot_reading, salesforce
from tasks.connectors.protocol import Connector
from tasks.core.model import ALOWARE, HUBSPOT, SALESFORCE, SCOPES, Snapshot
from tasks.core.state import REPRESENTATIVE, TOMBSTONE
from tasks.session import open_session
from tasks.settings import DEFAULT_POLICY
from tests.flows.worlds import HUBSPOT_CONTACTS, Day, Office, Play, Scene, connected, impatient, number, planned

changed, stood_still = Play("day"), Play("frozen_day")
Reads = dict[str, tuple[bool, int]]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Every scope two-way; everybody agrees, before and after each test."""
    with connected(tmp_path_factory.mktemp("incremental"), scopes=SCOPES, stock=40) as office:
        yield office


@pytest.fixture(scope="module")
def day(office: Office) -> Day:
    return changed.act(office)


@pytest.fixture(scope="module")
def frozen_day(office: Office) -> Iterator[Day]:
    """Runs over an export that stays as it was at the beginning."""
    settled(office)
    office.person.freeze_exports(True)
    yield stood_still.act(office)
    office.person.freeze_exports(False)
    reconcile()


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    """What runs pull of each CRM from now on: whether only what changed, and how many records."""
    # A sandbox's yesterday is minutes ago: without this, the usual look back would see all of it.
    for module in (salesforce, hubspot_reading):
        monkeypatch.setattr(module, "OVERLAP", type(module.OVERLAP)(0))
    noted: Reads = {}
    for kind in (salesforce.Salesforce, hubspot.HubSpot):
        monkeypatch.setattr(kind, "pull", noting(kind.pull, noted))
    return noted


def noting(pull: Callable[..., Snapshot], noted: Reads) -> Callable[..., Snapshot]:
    def noting_pull(connector: Connector, now: Any, since: str | None = None) -> Snapshot:
        snapshot = pull(connector, now, since)
        noted[connector.system] = (since is not None, sum(len(frame) for frame in snapshot.frames.values()))
        return snapshot

    return noting_pull


def role(system: str, object_name: str, record_id: str) -> str:
    """What the ledger holds that record for."""
    with open_session() as session:
        return str(session.state().links["role"].get(f"{system}:{object_name}:{record_id}", ""))


def in_hubspot(office: Office, last_name: str = "Hub") -> tuple[str, str]:
    """A new HubSpot contact with a number of its own: the number and its id."""
    phone = number()
    return phone, office.person.create_in_hubspot(firstname="Ann", lastname=last_name, phone=phone)


def agent_says(office: Office, phone: str, last_name: str) -> None:
    office.person.edit_in_aloware(str(office.contact(phone)["id"]), last_name=last_name)


# Deletions, merges and conversions, side by side; each run reads what changed since the one before.


@changed
def test_a_deleted_contact_is_not_written_and_does_not_come_back(office: Office) -> Scene:
    """Nor is its deletion carried elsewhere; the others go on."""
    lee = office.stock.pop()
    other = office.person.create_in_hubspot(firstname="Ann", lastname="Lee", phone=lee.phone)
    yield
    office.person.delete(SALESFORCE, "Contact", lee.salesforce)
    agent_says(office, lee.phone, "Edited")
    report = yield
    assert planned(report, lee.phone) == [("hubspot", "update", "lastname")]
    assert office.person.value(HUBSPOT, "contacts", other, "lastname") == "Edited"
    assert role(SALESFORCE, "Contact", lee.salesforce) == TOMBSTONE
    report = yield
    assert planned(report, lee.phone) == []
    assert office.person.in_salesforce("Contact", lee.phone) == []


@changed
def test_a_restored_contact_is_spoken_for_again(office: Office) -> Scene:
    lee = office.stock.pop()
    office.person.delete(SALESFORCE, "Contact", lee.salesforce)
    yield
    office.restore_in_salesforce("Contact", lee.salesforce)
    yield
    office.person.edit_in_salesforce("Contact", lee.salesforce, LastName="Back")
    yield
    assert office.contact(lee.phone)["last_name"] == "Back"
    assert role(SALESFORCE, "Contact", lee.salesforce) == REPRESENTATIVE


@changed
def test_a_contact_merged_into_a_new_one_hands_on_its_link(office: Office) -> Scene:
    lee = office.stock.pop()
    master = office.person.create_in_salesforce("Contact", FirstName="Ann", LastName="Master", Phone=lee.phone)
    office.person.merge_in_salesforce("Contact", master, lee.salesforce)
    yield
    assert role(SALESFORCE, "Contact", lee.salesforce) == TOMBSTONE
    assert office.contact(lee.phone)["last_name"] == "Master", "its values count as edits of what was there"
    agent_says(office, lee.phone, "Agent")
    yield
    assert office.person.value(SALESFORCE, "Contact", master, "LastName") == "Agent"


@changed
def test_a_contact_merged_into_a_known_one_leaves_nothing_to_write_to(office: Office) -> Scene:
    lee, ray = office.stock.pop(), office.stock.pop()
    office.person.merge_in_salesforce("Contact", lee.salesforce, ray.salesforce)
    yield
    assert role(SALESFORCE, "Contact", ray.salesforce) == TOMBSTONE
    report = yield
    assert planned(report, lee.phone) == planned(report, ray.phone) == []
    assert office.person.in_salesforce("Contact", ray.phone) == []


@changed
def test_a_converted_lead_hands_its_link_to_the_new_contact(office: Office) -> Scene:
    phone = number()
    lead = office.person.create_in_salesforce("Lead", FirstName="Ann", LastName="Lead", Company="Co", Phone=phone)
    yield
    contact = office.person.convert(lead)
    yield
    agent_says(office, phone, "Agent")
    yield
    assert office.person.value(SALESFORCE, "Contact", contact, "LastName") == "Agent"
    assert office.person.value(SALESFORCE, "Lead", lead, "LastName") == "Lead"
    assert (role(SALESFORCE, "Contact", contact), role(SALESFORCE, "Lead", lead)) == (REPRESENTATIVE, TOMBSTONE)


@changed
def test_a_lead_converted_into_a_known_contact_leaves_nothing_to_write_to(office: Office) -> Scene:
    lee = office.stock.pop()
    lead = office.person.create_in_salesforce("Lead", FirstName="Ann", LastName="Lee", Company="Co", Phone=lee.phone)
    yield
    office.person.convert(lead, lee.salesforce)
    yield
    agent_says(office, lee.phone, "Agent")
    report = yield
    assert {kind for _, kind, _ in planned(report, lee.phone)} == {"update"}
    assert office.person.value(SALESFORCE, "Contact", lee.salesforce, "LastName") == "Agent"
    assert office.person.value(SALESFORCE, "Lead", lead, "LastName") == "Lee"


@changed
def test_an_archived_hubspot_contact_is_not_written_and_does_not_come_back(office: Office) -> Scene:
    lee = office.stock.pop()
    contact = office.person.create_in_hubspot(firstname="Ann", lastname="Lee", phone=lee.phone)
    yield
    office.person.delete(HUBSPOT, "contacts", contact)
    agent_says(office, lee.phone, "Edited")
    report = yield
    assert planned(report, lee.phone) == [("salesforce", "update", "LastName")]
    assert office.person.value(SALESFORCE, "Contact", lee.salesforce, "LastName") == "Edited"
    assert role(HUBSPOT, "contacts", contact) == TOMBSTONE
    report = yield
    assert planned(report, lee.phone) == []
    assert office.person.in_hubspot(lee.phone) == []


@changed
def test_a_hubspot_merge_under_a_new_id_hands_on_the_link(office: Office) -> Scene:
    phone, contact = in_hubspot(office)
    yield
    nobody = office.person.create_in_hubspot(firstname="No", lastname="Body")
    heir = office.person.merge_in_hubspot(contact, nobody)
    assert heir not in (contact, nobody)
    report = yield
    assert planned(report, phone) == []
    assert (role(HUBSPOT, "contacts", contact), role(HUBSPOT, "contacts", heir)) == (TOMBSTONE, REPRESENTATIVE)
    agent_says(office, phone, "Agent")
    yield
    assert office.person.value(HUBSPOT, "contacts", heir, "lastname") == "Agent"


@changed
def test_a_contact_deleted_in_aloware_is_not_created_again(office: Office) -> Scene:
    lee = office.stock.pop()
    office.person.delete(ALOWARE, "contacts", lee.aloware)
    office.person.edit_in_salesforce("Contact", lee.salesforce, LastName="Edited")
    report = yield
    assert planned(report, lee.phone) == []
    assert role(ALOWARE, "contacts", lee.aloware) == TOMBSTONE
    office.person.edit_in_salesforce("Contact", lee.salesforce, LastName="Edited again")
    report = yield
    assert planned(report, lee.phone) == []
    assert lee.phone not in office.person.aloware_numbers()


def test_nothing_was_ever_written_to_the_dead(day: Day) -> None:
    """Each was found out before anything was tried: no vendor had to refuse."""
    assert {request["status"] // 100 for written in day.written.values() for request in written} == {2}


# How much is read, and when everything is.


def test_only_what_changed_is_read(office: Office, reads: Reads) -> None:
    """And what fell into the same second as the last change that was read before."""
    settled(office)
    edited = [office.stock.pop() for _ in range(2)]
    for each in edited:
        office.person.edit_in_salesforce("Contact", each.salesforce, LastName="Anew")
    office.person.forget_requests()
    report = reconcile()
    assert set(report.plan.changes["phone"]) == {each.phone for each in edited}
    assert read_calls(office, SALESFORCE) <= 6
    assert reads[SALESFORCE][0]
    assert reads[HUBSPOT][0]
    assert 2 <= reads[SALESFORCE][1] < 12
    assert reads[HUBSPOT][1] < 12
    office.person.forget_requests()
    assert reconcile().plan.changes.empty
    asked_little(office)


def asked_little(office: Office) -> None:
    """One question to Salesforce about all its objects, no list of HubSpot but the archived ones, no contact of Aloware
    but those whom its export doesn't know."""
    asked = [(r["method"], r["path"]) for r in office.person.requests()]
    assert asked.count(("GET", HUBSPOT_CONTACTS)) == 1
    assert asked.count(("POST", f"{HUBSPOT_CONTACTS}/search")) == 1
    assert sum(path.endswith("/composite") for _, path in asked) == 1
    assert not any("/query" in path for _, path in asked)
    with open_session() as session:
        people = len(session.state().people)
    assert sum(path.endswith("/phone-number") for _, path in asked) < people / 4


def read_calls(office: Office, system: str) -> int:
    """Calls that only read, signing in and asking what properties there are aside."""
    aside = ("/token", "/describe")
    return sum(not r["write"] and not r["path"].endswith(aside) for r in office.person.requests(system))


def settled(office: Office) -> None:
    """A run that takes in what a test began with."""
    assert reconcile().plan.verdict.outcome == "pass", office


def test_a_plan_reads_everything_if_asked(office: Office, reads: Reads) -> None:
    plan(full=True)
    assert (reads[SALESFORCE][0], reads[HUBSPOT][0]) == (False, False)
    assert reads[SALESFORCE][1] > 20


def test_a_property_new_to_the_policy_is_read_of_every_record(
    office: Office, reads: Reads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = number()
    office.person.create_in_salesforce("Contact", FirstName="Ann", LastName="Titled", Phone=phone, Title="Boss")
    settled(office)
    policy = tmp_path / "policy.toml"
    more = '\n[fields.title]\ncontact = "Title"\naloware = "csf1"\n'
    policy.write_text(DEFAULT_POLICY.read_text(encoding="utf-8") + more, encoding="utf-8")
    with monkeypatch.context() as patched:
        patched.setenv("TANDEM_POLICY", str(policy))
        reconcile()
        assert (reads[SALESFORCE][0], reads[HUBSPOT][0]) == (False, True)
        assert office.contact(phone)["csf1"] == "Boss"
        reconcile()
        assert reads[SALESFORCE][0]


def test_a_system_connected_again_is_read_anew(office: Office, reads: Reads) -> None:
    connect(HUBSPOT)
    reconcile()
    assert (reads[SALESFORCE][0], reads[HUBSPOT][0]) == (True, False)
    office.open("hubspot.create", "hubspot.update", "hubspot.disposition")
    reconcile(initial=True)
    assert reads[HUBSPOT][0]


# What a run saw and never came to.


def test_a_deletion_that_a_plan_saw_is_seen_again_by_the_run_after_it(office: Office, reads: Reads) -> None:
    lee, ray = office.stock.pop(), office.stock.pop()
    office.person.delete(SALESFORCE, "Contact", lee.salesforce)
    office.person.edit_in_salesforce("Contact", ray.salesforce, LastName="Edited")
    assert ray.phone in set(plan().plan.changes["phone"])
    assert role(SALESFORCE, "Contact", lee.salesforce) == REPRESENTATIVE
    reconcile()
    assert reads[SALESFORCE][0]
    assert role(SALESFORCE, "Contact", lee.salesforce) == TOMBSTONE
    assert office.contact(ray.phone)["last_name"] == "Edited"


def test_a_pilot_for_one_person_loses_nothing_of_the_others(office: Office, reads: Reads) -> None:
    """Its snapshot is whole, and evidence of a deletion stays with it."""
    lee, ray, dead = (office.stock.pop() for _ in range(3))
    for each in (lee, ray):
        office.person.edit_in_salesforce("Contact", each.salesforce, LastName="Edited")
    office.person.delete(SALESFORCE, "Contact", dead.salesforce)
    apply(plan(only=[lee.phone]).plan.id)
    assert (office.contact(lee.phone)["last_name"], office.contact(ray.phone)["last_name"]) == ("Edited", "Lee")
    assert role(SALESFORCE, "Contact", dead.salesforce) == REPRESENTATIVE
    reconcile()
    assert reads[SALESFORCE][0]
    assert office.contact(ray.phone)["last_name"] == "Edited"
    assert role(SALESFORCE, "Contact", dead.salesforce) == TOMBSTONE


def test_a_one_time_pull_moves_no_watermark(office: Office, reads: Reads) -> None:
    lee = office.stock.pop()
    office.person.edit_in_salesforce("Contact", lee.salesforce, LastName="Edited")
    one_time_pull("contacts")
    assert office.contact(lee.phone)["last_name"] == "Edited"
    noted = dict(reads)
    reconcile()
    assert reads == noted, "the run after it reads the same once more"


def test_what_a_held_run_saw_is_seen_again(office: Office, reads: Reads) -> None:
    """Too many edits are held; once they are taken back, what else happened goes its way."""
    lee, dead = office.stock.pop(), office.stock.pop()
    many = office.stock[:18]
    for each in many:
        office.person.edit_in_salesforce("Contact", each.salesforce, FirstName="Many")
    office.person.edit_in_salesforce("Contact", lee.salesforce, LastName="Waits")
    office.person.delete(SALESFORCE, "Contact", dead.salesforce)
    assert reconcile().plan.verdict.outcome == "hold"
    assert office.contact(lee.phone)["last_name"] == "Lee"
    for each in many:
        office.person.edit_in_salesforce("Contact", each.salesforce, FirstName="Ann")
    report = reconcile()
    assert report.plan.verdict.outcome == "pass"
    assert set(report.plan.changes["phone"]) == {lee.phone}
    assert reads[SALESFORCE][0]
    assert office.contact(lee.phone)["last_name"] == "Waits"
    assert role(SALESFORCE, "Contact", dead.salesforce) == TOMBSTONE


def test_our_own_writes_are_not_mistaken_while_the_search_index_lags(office: Office) -> None:
    """It shows HubSpot's old value, as if somebody had taken our write back, and misses the contact that we made."""
    phone, contact = in_hubspot(office)
    settled(office)
    new = number()
    agent_says(office, phone, "Agent")
    office.person.create_in_aloware(phone_number=new, first_name="New", last_name="Agent")
    for what in ("update", "create"):
        office.person.break_next(HUBSPOT, "lag", f"/batch/{what}")
    reconcile()
    assert plan().plan.changes.empty
    assert reconcile().plan.changes.empty
    assert office.person.value(HUBSPOT, "contacts", contact, "lastname") == "Agent"
    assert office.contact(phone)["last_name"] == "Agent"
    assert len(office.person.in_hubspot(new)) == 1


def test_a_create_without_an_answer_that_the_index_misses_happens_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it may have happened, HubSpot is listed, which can't lag."""
    impatient(monkeypatch)
    phone = number()
    office.person.create_in_aloware(phone_number=phone, first_name="New", last_name="Agent")
    for kind in ("lag", "timeout"):
        office.person.break_next(HUBSPOT, kind, "/batch/create")
    with monkeypatch.context() as hurry:
        hurry.setenv("TANDEM_HTTP_TIMEOUT", "0.5")
        reconcile()
    office.person.repair()
    plan()
    reconcile()
    assert len(office.person.in_hubspot(phone)) == 1


def test_a_record_that_no_list_tells_of_is_found_missing_by_a_full_run(office: Office, reads: Reads) -> None:
    """HubSpot's permanent deletion leaves no trace in the archive; a read by id is evidence."""
    phone, contact = in_hubspot(office)
    settled(office)
    office.person.erase_in_hubspot(contact)
    reconcile(full=True)
    assert (reads[SALESFORCE][0], reads[HUBSPOT][0]) == (False, False)
    assert role(HUBSPOT, "contacts", contact) == TOMBSTONE
    agent_says(office, phone, "Edited")
    assert {system for system, _, _ in planned(reconcile(), phone)} <= {ALOWARE}


# An export that stands still.


@stood_still
def test_a_contact_that_the_export_does_not_know_yet_is_looked_up(office: Office) -> Scene:
    """One that we made after the export, and one that an agent made."""
    mine, theirs = number(), number()
    ids = [
        office.person.create_in_salesforce("Contact", FirstName="Ann", LastName="New", Phone=phone)
        for phone in (mine, theirs)
    ]
    office.person.create_in_aloware(phone_number=theirs, first_name="Ann", last_name="Agent")
    yield
    assert office.contact(mine)["last_name"] == office.contact(theirs)["last_name"] == "New"
    report = yield
    assert planned(report, mine) == planned(report, theirs) == []
    office.person.edit_in_salesforce("Contact", ids[0], LastName="Newer")
    yield
    assert office.contact(mine)["last_name"] == "Newer"
    report = yield
    assert planned(report, mine) == []


@stood_still
def test_an_agents_edit_after_the_export_is_not_overwritten_blindly(office: Office) -> Scene:
    """A CRM's edit of the same person makes us look: the two meet as a conflict, in one run."""
    lee = office.stock.pop()
    office.person.edit_in_aloware(lee.aloware, first_name="Agent", last_name="Agent")
    office.person.edit_in_salesforce("Contact", lee.salesforce, LastName="Crm")
    report = yield
    person = report.plan.changes.set_index("phone").loc[[lee.phone], "person"].iloc[0]
    mine = report.plan.conflicts[report.plan.conflicts["person"] == person]
    assert mine[["winner", "field"]].to_numpy().tolist() == [["salesforce", "last_name"]]
    (contact,) = office.person.in_salesforce("Contact", lee.phone)
    assert (contact["FirstName"], contact["LastName"]) == ("Agent", "Crm")
    assert office.contact(lee.phone)["last_name"] == "Crm"
    report = yield
    assert planned(report, lee.phone) == []


@stood_still
def test_a_contact_that_an_old_export_still_lists_stays_dead(office: Office) -> Scene:
    """The look-up's word counts, in this run and in the next."""
    lee = office.stock.pop()
    office.person.delete(ALOWARE, "contacts", lee.aloware)
    office.person.edit_in_salesforce("Contact", lee.salesforce, LastName="Edited")
    for _ in range(3):
        report = yield
        assert planned(report, lee.phone) == []
        assert role(ALOWARE, "contacts", lee.aloware) == TOMBSTONE
    assert lee.phone not in office.person.aloware_numbers()


# No list at all.


def test_without_a_list_a_number_that_no_longer_answers_is_gone_or_renumbered(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is reported and unlinked; under its new number it is linked again as soon as somebody else knows that."""
    lee, ray = office.stock.pop(), office.stock.pop()
    monkeypatch.delenv("ALOWARE_CONTACTS_EXPORT")
    new_number = number()
    office.person.edit_in_aloware(lee.aloware, phone_number=new_number)
    report = reconcile()
    assert planned(report, lee.phone) == planned(report, ray.phone) == []
    reported = report.plan.quarantine[report.plan.quarantine["record_id"] == lee.aloware]
    assert "gone or renumbered" in " ".join(reported["reason"])
    assert role(ALOWARE, "contacts", lee.aloware) == TOMBSTONE
    assert role(ALOWARE, "contacts", ray.aloware) == REPRESENTATIVE
    office.person.edit_in_salesforce("Contact", lee.salesforce, Phone=new_number)
    reconcile()
    assert role(ALOWARE, "contacts", lee.aloware) == REPRESENTATIVE
    assert len(office.person.aloware_numbers()) == len(set(office.person.aloware_numbers()))
