"""Writes that fail, exports that stand still, plans that are overtaken: nothing of it is taken for somebody's edit."""

from collections.abc import Callable, Iterator

import pytest

from flows.connections import set_direction
from flows.reconcile import reconcile
from tasks.core.errors import ConnectorError
from tasks.core.model import SCOPES
from tasks.core.run import RunReport
from tests.flows.worlds import Day, Known, Office, Play, Scene, connected, impatient, number, planned, policy_with

TempFolders = pytest.TempPathFactory

failing, frozen = Play("failing_day"), Play("frozen_day")

LATE = "hubspot.disposition"  # opened just when nothing can be written


@pytest.fixture(scope="module")
def failing_day(tmp_path_factory: TempFolders) -> Iterator[Day]:
    """Two-way. Of the runs after the first one, one finds rows locked and Aloware down, one HubSpot down, and one gets
    no answer to some of its writes; then all is well."""
    folder = tmp_path_factory.mktemp("failing")
    early = [scope for scope in SCOPES if scope != LATE]
    with connected(folder, policy=policy_with(folder, floor="1000"), scopes=early) as office:
        locked = disturbed(office, ("salesforce", "lock", ""), ("aloware", "503", "/forms"))
        down = disturbed(office, ("hubspot", "503", "batch/update"), ("hubspot", "503", "batch/create"))
        silent = disturbed(office, ("salesforce", "timeout", "/sobjects"), ("aloware", "timeout", "/forms"), times=2)
        yield failing.act(office, [reconcile, locked, down, silent, reconcile, reconcile])


def disturbed(office: Office, *faults: tuple[str, str, str], times: int = 1000) -> Callable[[], RunReport | None]:
    """A run during which the systems suffer these faults, and nobody waits for them; None when it gave up."""

    def run() -> RunReport | None:
        for system, kind, match in faults:
            office.person.break_next(system, kind, match, times=times)
        try:
            with pytest.MonkeyPatch.context() as patch:
                impatient(patch)
                patch.setenv("TANDEM_HTTP_TIMEOUT", "0.3")
                return reconcile()
        except ConnectorError:
            return None
        finally:
            office.person.repair()

    return run


@pytest.fixture(scope="module")
def frozen_day(tmp_path_factory: TempFolders) -> Iterator[Day]:
    """Two-way. Aloware's export stands still from after the first run until the fourth."""
    folder = tmp_path_factory.mktemp("frozen")
    with connected(folder, policy=policy_with(folder, floor="1000"), scopes=SCOPES) as office:

        def and_frozen() -> RunReport:
            report = reconcile()
            office.person.freeze_exports(True)
            return report

        def fresh() -> RunReport:
            office.person.freeze_exports(False)
            return reconcile()

        yield frozen.act(office, [and_frozen, reconcile, reconcile, fresh, reconcile])


def lee(office: Office, in_aloware: bool = False) -> Known:
    """Ann Lee in Salesforce, who is in Aloware already or comes there with the next run."""
    phone = number()
    if in_aloware:
        office.person.create_in_aloware(phone_number=phone, first_name="Ann", last_name="Lee")
    return Known(phone, office.person.create_in_salesforce("Contact", FirstName="Ann", LastName="Lee", Phone=phone), "")


def names(office: Office, who: Known) -> tuple[str, str]:
    """The last names that Salesforce and Aloware show."""
    return (
        office.person.value("salesforce", "Contact", who.salesforce, "LastName"),
        str(office.contact(who.phone)["last_name"]),
    )


def in_salesforce(office: Office, who: Known, **values: str) -> None:
    office.person.edit_in_salesforce("Contact", who.salesforce, **values)


def agent_types(office: Office, phone: str, **values: str) -> None:
    office.person.edit_in_aloware(str(office.contact(phone)["id"]), **values)


# Writes that fail.


@failing
def test_a_value_that_could_not_be_overwritten_is_not_an_edit(office: Office) -> Scene:
    """The side that wasn't reached still says what it said before; that is no answer to what somebody else typed."""
    typed, edited = lee(office), lee(office)
    yield
    agent_types(office, typed.phone, last_name="Agent")
    in_salesforce(office, edited, LastName="Crm")
    yield
    assert [names(office, each) for each in (typed, edited)] == [("Lee", "Agent"), ("Crm", "Lee")]
    yield
    yield
    for _ in range(2):
        report = yield
        assert [names(office, each) for each in (typed, edited)] == [("Agent", "Agent"), ("Crm", "Crm")]
    assert planned(report, typed.phone) == planned(report, edited.phone) == []


@failing
def test_an_edit_that_could_not_be_carried_on_waits_for_its_system(office: Office) -> Scene:
    phone = number()
    record = office.person.create_in_hubspot(firstname="Ann", lastname="Lee", phone=phone)
    yield
    yield
    agent_types(office, phone, last_name="Agent")
    yield
    assert office.person.value("hubspot", "contacts", record, "lastname") == "Lee"
    yield
    for _ in range(2):
        report = yield
        assert office.person.value("hubspot", "contacts", record, "lastname") == "Agent"
        assert office.contact(phone)["last_name"] == "Agent"
    assert planned(report, phone) == []


@failing
def test_the_loser_that_could_not_be_overwritten_loses_again(office: Office) -> Scene:
    who = lee(office)
    yield
    in_salesforce(office, who, LastName="Winner")
    agent_types(office, who.phone, last_name="Loser")
    yield
    assert names(office, who) == ("Winner", "Loser")
    yield
    yield
    for _ in range(2):
        yield
        assert names(office, who) == ("Winner", "Winner")


@failing
def test_somebody_who_could_not_be_created_is_created_once(office: Office) -> Scene:
    born = number()
    yield
    office.person.create_in_aloware(phone_number=born, first_name="Al", last_name="New")
    late = lee(office)
    yield
    assert office.person.in_salesforce("Contact", born) == []
    assert office.person.find_in_aloware(late.phone) is None
    yield
    yield
    for _ in range(2):
        yield
        assert len(office.person.in_salesforce("Contact", born)) == len(office.person.in_hubspot(born)) == 1
        assert [office.person.aloware_numbers().count(each) for each in (born, late.phone)] == [1, 1]


@failing
def test_a_number_whose_new_contact_could_not_be_made_moves_all_the_same(office: Office) -> Scene:
    who, after = lee(office), number()
    yield
    in_salesforce(office, who, Phone=after, LastName="Moved")
    yield
    assert office.person.find_in_aloware(after) is None
    yield
    yield
    for _ in range(2):
        report = yield
        assert office.contact(after)["last_name"] == "Moved"
        assert office.contact(who.phone)["last_name"] == "Lee", "the one left behind is fed no more"
        assert office.person.in_salesforce("Contact", who.phone) == office.person.in_hubspot(who.phone) == []
    assert planned(report, after) == planned(report, who.phone) == []


@failing
def test_drift_that_could_not_be_put_back_is_no_edit_though_its_scope_was_opened_meanwhile(office: Office) -> Scene:
    phone = number()
    values = {"firstname": "Lena", "lastname": "Ortiz", "phone": phone, "hs_lead_status": "NEW"}
    record = office.person.create_in_hubspot(**values)
    yield
    chosen = office.person.dispositions()["Unqualified"]["id"]
    agent_types(office, phone, disposition_status_id=chosen)
    set_direction(LATE, "two-way")
    yield
    assert office.contact(phone)["disposition"] == "Unqualified"
    for _ in range(4):
        yield
        assert office.person.value("hubspot", "contacts", record, "hs_lead_status") == "NEW"
    assert office.contact(phone)["disposition"] == "New"


# An export that is out of date.


@frozen
def test_a_stale_export_does_not_bring_back_what_we_overwrote_since(office: Office) -> Scene:
    who = lee(office, in_aloware=True)
    yield
    in_salesforce(office, who, LastName="Newer")
    yield
    assert names(office, who) == ("Newer", "Newer")
    for _ in range(3):
        report = yield
        assert planned(report, who.phone) == []
        assert names(office, who) == ("Newer", "Newer")


@frozen
def test_what_an_agent_did_after_the_export_is_seen_with_the_next_one(office: Office) -> Scene:
    who = lee(office, in_aloware=True)
    yield
    agent_types(office, who.phone, last_name="Typed")
    for _ in range(2):
        report = yield
        assert planned(report, who.phone) == []
        assert names(office, who) == ("Lee", "Typed")
    yield
    assert names(office, who) == ("Typed", "Typed")


@frozen
def test_what_an_agent_did_after_the_export_is_not_overwritten_blindly(office: Office) -> Scene:
    """It is seen in the moment before the write at the latest; then the two edits are the conflict that they are."""
    who = lee(office, in_aloware=True)
    yield
    agent_types(office, who.phone, last_name="Typed")
    in_salesforce(office, who, LastName="Crm")
    said: list[str] = []
    for _ in range(3):
        report = yield
        conflicts = report.plan.conflicts
        said.extend(conflicts.loc[conflicts["person"].str.endswith(who.salesforce), "sides"])
        assert names(office, who) == ("Crm", "Crm" if said else "Typed")
    assert ["Typed" in sides for sides in said] == [True], "a conflict, recorded once"
    report = yield
    assert planned(report, who.phone) == []


@frozen
def test_a_contact_whose_number_an_agent_changed_after_the_export_gets_no_double(office: Office) -> Scene:
    who, after = lee(office, in_aloware=True), number()
    yield
    contact = office.contact(who.phone)["id"]
    agent_types(office, who.phone, phone_number=after)
    in_salesforce(office, who, LastName="Crm")
    for _ in range(2):
        yield
        assert office.person.find_in_aloware(who.phone) is None
    yield
    yield
    assert (office.contact(after)["id"], office.contact(after)["last_name"]) == (contact, "Crm")
    assert office.person.value("salesforce", "Contact", who.salesforce, "Phone") == after
    assert office.person.find_in_aloware(who.phone) is None
