"""Systems that come, go, pause and come back, scopes that are opened late: nobody is overwritten by surprise."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from flows.apply import apply
from flows.cli.command import run
from flows.connections import connect, disconnect, pause, resume, set_direction
from flows.plan import plan
from flows.reconcile import reconcile
from tasks.core.errors import TandemError
from tasks.core.model import SCOPES, SYSTEMS
from tasks.core.run import RunReport
from tasks.core.state import State
from tasks.session import open_session
from tests.flows.worlds import Day, Known, Office, Play, Scene, connected, number, office, planned, policy_with

TempFolders = pytest.TempPathFactory

OTHER_ORG = "00D5e000000OTHEREA"

admin, late, last = Play("admin_day"), Play("late_day"), Play("last_day")


def then(*deeds: Callable[[], Any]) -> Callable[[], RunReport]:
    """A run right after an admin did that."""

    def acted() -> RunReport:
        for deed in deeds:
            deed()
        return reconcile(initial=True)

    return acted


opened = partial(partial, set_direction, direction="two-way")


@pytest.fixture(scope="module")
def admin_day(tmp_path_factory: TempFolders) -> Iterator[Day]:
    """All three connected and inbound; then scopes are opened, and HubSpot is paused, left out, and let in again."""
    folder = tmp_path_factory.mktemp("admin")
    with connected(folder, policy=policy_with(folder, floor="1000")) as running:
        yield admin.act(
            running,
            [
                reconcile,
                then(opened("salesforce.update"), opened("hubspot.update")),
                then(partial(pause, "hubspot")),
                then(partial(resume, "hubspot")),
                then(partial(disconnect, "hubspot")),
                then(partial(connect, "hubspot")),
                then(opened("hubspot.update")),
                reconcile,
            ],
        )


@pytest.fixture(scope="module")
def late_day(tmp_path_factory: TempFolders) -> Iterator[Day]:
    """Salesforce and Aloware agree two-way for a year; then HubSpot is connected, and opened one run later."""
    folder = tmp_path_factory.mktemp("late")
    with office(folder, policy=policy_with(folder, floor="1000")) as running:
        for system in ("salesforce", "aloware"):
            connect(system)
        running.open("salesforce.update", "salesforce.create")
        yield late.act(
            running,
            [reconcile, reconcile, then(partial(connect, "hubspot")), then(opened("hubspot.update")), reconcile],
        )


@pytest.fixture(scope="module")
def last_day(tmp_path_factory: TempFolders) -> Iterator[Day]:
    """The two CRMs agree for a year before Aloware is connected; everything of theirs is open."""
    folder = tmp_path_factory.mktemp("last")
    with office(folder, policy=policy_with(folder, floor="1000")) as running:
        for system in ("salesforce", "hubspot"):
            connect(system)
        running.open(*SCOPES)
        yield last.act(running, [reconcile, then(partial(connect, "aloware")), reconcile])


def everywhere(running: Office, last_name: str) -> tuple[Known, str]:
    """Somebody new with that last name in Salesforce and HubSpot, who comes to Aloware with the next run."""
    phone = number()
    contact = running.person.create_in_salesforce("Contact", FirstName="Ann", LastName=last_name, Phone=phone)
    return Known(phone, contact, ""), running.person.create_in_hubspot(firstname="Ann", lastname=last_name, phone=phone)


def names(running: Office, who: Known, record: str) -> dict[str, str]:
    """The last name that each system shows."""
    return {
        "salesforce": running.person.value("salesforce", "Contact", who.salesforce, "LastName"),
        "hubspot": running.person.value("hubspot", "contacts", record, "lastname"),
        "aloware": str(running.contact(who.phone)["last_name"]),
    }


def agreed(last_name: str) -> dict[str, str]:
    return dict.fromkeys(SYSTEMS, last_name)


def agent_types(running: Office, phone: str, **values: str) -> None:
    running.person.edit_in_aloware(str(running.contact(phone)["id"]), **values)


def known() -> State:
    with open_session() as session:
        return session.state()


# A scope that is opened after a time of drift.


@admin
def test_what_agents_typed_before_a_scope_was_opened_never_wins(running: Office) -> Scene:
    """It fills what nobody knew; what differs is told apart as drift in the first plan, and put back."""
    who, record = everywhere(running, "Lee")
    yield
    address = f"ann{who.phone}@lee.example"
    agent_types(running, who.phone, last_name="Drifted", email=address)
    report = yield
    assert ("aloware", "update", "last_name") in planned(report, who.phone)
    changes = report.plan.changes
    mine = changes[changes["phone"] == who.phone]
    assert list(mine.loc[mine["system"] == "aloware", "rule"]) == ["drift"]
    assert names(running, who, record) == agreed("Lee")
    assert running.person.value("salesforce", "Contact", who.salesforce, "Email") == address
    agent_types(running, who.phone, last_name="Heard")
    yield
    yield
    assert names(running, who, record) == agreed("Heard")


@admin
def test_an_authorised_edit_that_waits_is_not_lost_when_a_second_scope_is_opened(running: Office) -> Scene:
    who, record = everywhere(running, "Lee")
    for _ in range(6):
        yield
    agent_types(running, who.phone, last_name="Waited")
    yield
    assert names(running, who, record) == agreed("Waited")
    report = yield
    assert planned(report, who.phone) == []


def test_drift_that_the_gate_holds_back_from_being_restored_does_not_become_an_edit(
    tmp_path_factory: TempFolders,
) -> None:
    """A year of it is more than a run may put back. The scope that was opened hears what agents type from now on."""
    with connected(tmp_path_factory.mktemp("held"), stock=12) as running:
        for lee in running.stock:
            running.person.edit_in_aloware(lee.aloware, last_name="Drifted")
        running.open("salesforce.update")
        pilot, last = running.stock[0], running.stock[-1]
        apply(plan(only=[pilot.phone]).plan.id)
        assert running.contact(pilot.phone)["last_name"] == "Lee"
        held = reconcile().plan
        assert [breaker.name for breaker in held.verdict.breakers] == ["aloware.updates"]
        running.person.edit_in_aloware(last.aloware, last_name="Typed since")
        reconcile()
        said = [r["LastName"] for r in running.person.ask_salesforce("SELECT LastName FROM Contact ORDER BY Phone")]
        assert said == ["Lee"] * 11 + ["Typed since"]


# A system that is paused.


@admin
def test_edits_made_while_a_system_is_paused_are_all_taken_up_when_it_is_resumed(running: Office) -> Scene:
    """Its own, the others', and two that contradict each other: then the rule decides, as if both came at once."""
    theirs, ours, both = (everywhere(running, "Lee") for _ in range(3))
    yield
    yield
    running.person.edit_in_hubspot(theirs[1], lastname="In HubSpot")
    running.person.edit_in_salesforce("Contact", ours[0].salesforce, LastName="In Salesforce")
    running.person.edit_in_hubspot(both[1], lastname="Loser")
    running.person.edit_in_salesforce("Contact", both[0].salesforce, LastName="Winner")
    yield
    assert running.person.requests("hubspot") == []
    assert names(running, *theirs) == agreed("Lee") | {"hubspot": "In HubSpot"}
    assert names(running, *ours) == agreed("In Salesforce") | {"hubspot": "Lee"}
    assert running.contact(both[0].phone)["last_name"] == "Winner"
    yield
    assert names(running, *theirs) == agreed("In HubSpot")
    assert names(running, *ours) == agreed("In Salesforce")
    assert names(running, *both) == agreed("Winner")


# A system that is disconnected, and connected again.


@admin
def test_a_system_connected_again_goes_on_from_its_bases_and_is_only_read(running: Office) -> Scene:
    """No scope of it is open, nobody is doubled, nothing is overwritten; its own edits of the meantime count."""
    theirs, ours, still = (everywhere(running, "Lee") for _ in range(3))
    for _ in range(4):
        yield
    links = known().links
    running.person.edit_in_salesforce("Contact", ours[0].salesforce, LastName="In Salesforce")
    running.person.edit_in_hubspot(theirs[1], lastname="In HubSpot")
    yield
    assert running.person.requests("hubspot") == []
    assert running.contact(ours[0].phone)["last_name"] == "In Salesforce"
    assert running.contact(theirs[0].phone)["last_name"] == "Lee"
    report = yield
    assert running.person.writes("hubspot") == []
    assert names(running, *ours) == agreed("In Salesforce") | {"hubspot": "Lee"}
    assert names(running, *theirs) == agreed("In HubSpot")
    assert planned(report, still[0].phone) == []
    state = known()
    assert {scope for scope in SCOPES if state.directions[scope] == "two-way"} == {"salesforce.update"}
    assert state.links.loc[links.index].equals(links)
    assert len(set(running.person.aloware_numbers())) == len(running.person.aloware_numbers())
    yield
    assert names(running, *ours) == agreed("In Salesforce"), "opened again, it is brought to what was decided"


# A system that is connected long after the others.


@late
def test_hubspot_connected_a_year_after_salesforce_does_not_overwrite_it(running: Office) -> Scene:
    """Neither while it is only read nor once it is opened: then HubSpot is brought to what was decided."""
    who, record = everywhere(running, "Salesforce")
    running.person.edit_in_hubspot(record, lastname="Old", email=f"only{who.phone}@hubspot.example")
    yield
    yield
    report = yield
    assert names(running, who, record) == agreed("Salesforce") | {"hubspot": "Old"}
    assert running.person.writes("hubspot") == []
    assert running.contact(who.phone)["email"] == f"only{who.phone}@hubspot.example", "it fills what nobody knew"
    assert "Old" in report.plan.conflicts["sides"].to_string()
    yield
    assert names(running, who, record) == agreed("Salesforce")
    report = yield
    assert planned(report, who.phone) == []


@late
def test_hubspot_connected_a_year_later_does_not_undo_what_agents_wrote_into_salesforce(running: Office) -> Scene:
    who, record = everywhere(running, "Salesforce")
    running.person.edit_in_hubspot(record, lastname="Old")
    yield
    agent_types(running, who.phone, last_name="Agent")
    yield
    assert running.person.value("salesforce", "Contact", who.salesforce, "LastName") == "Agent"
    yield
    assert names(running, who, record) == agreed("Agent") | {"hubspot": "Old"}
    yield
    assert names(running, who, record) == agreed("Agent")


@late
def test_people_whom_only_the_newcomer_knows_come_to_aloware_and_to_no_other_crm(running: Office) -> Scene:
    phone = number()
    running.person.create_in_hubspot(firstname="Hub", lastname="Only", phone=phone)
    yield
    yield
    assert running.person.find_in_aloware(phone) is None
    yield
    assert running.contact(phone)["last_name"] == "Only"
    yield
    assert running.person.in_salesforce("Contact", phone) == []


@last
def test_aloware_connected_last_is_filled_and_its_own_people_come_to_the_crms(running: Office) -> Scene:
    """What it says of people whom the CRMs know only fills blanks; people whom only it knows were born there."""
    who, record = everywhere(running, "Lee")
    mine, address = number(), f"agent{who.phone}@lee.example"
    values = {"phone_number": who.phone, "first_name": "Agent", "last_name": "Before", "email": address}
    running.person.create_in_aloware(**values)
    running.person.create_in_aloware(phone_number=mine, first_name="Al", last_name="Own")
    yield
    yield
    assert names(running, who, record) == agreed("Lee")
    assert running.contact(who.phone)["first_name"] == "Ann"
    assert running.person.value("salesforce", "Contact", who.salesforce, "Email") == address
    assert [r["LastName"] for r in running.person.in_salesforce("Contact", mine)] == ["Own"]
    report = yield
    assert report.plan.changes.empty
    assert running.person.aloware_numbers().count(who.phone) == 1


# Another account, and words that make no sense.


@dataclass
class Moved:
    """What came of it that another org, whose records bear the same ids, took the place of the one connected."""

    own: Office
    other: Office
    refusals: list[TandemError]
    before: State
    after: State
    twin: str  # the new org's record with the id of the old org's `own.stock[0]`: somebody else
    again: str  # the new org's record of that person
    newcomer: str  # the twin's number
    opened: RunReport
    too_late: TandemError  # what is said to whoever applies a plan made before


@pytest.fixture(scope="module")
def moved(tmp_path_factory: TempFolders) -> Iterator[Moved]:
    """The credentials become another org's; nobody gets anywhere until somebody says replace; then all is opened."""
    with (
        office(tmp_path_factory.mktemp("other")) as other,
        connected(tmp_path_factory.mktemp("own"), scopes=SCOPES, stock=2) as own,
        pytest.MonkeyPatch.context() as patch,
    ):
        shared, newcomer = own.stock[0].phone, number()
        own.person.create_in_hubspot(firstname="Ann", lastname="Lee", phone=shared)
        reconcile()
        stale = plan().plan
        other.running.world.store.remember("salesforce.organization", OTHER_ORG)
        twin = other.person.create_in_salesforce("Contact", FirstName="Zoe", LastName="Other", Phone=newcomer)
        again = other.person.create_in_salesforce("Contact", FirstName="Ann", LastName="Elsewhere", Phone=shared)
        for name in ("SALESFORCE_URL", "SALESFORCE_CLIENT_ID", "SALESFORCE_CLIENT_SECRET"):
            patch.setenv(name, other.environment[name])
        refusals, before = [refusal(partial(connect, "salesforce")), refusal(plan)], known()
        connect("salesforce", replace=True)
        reconcile(initial=True)
        after, too_late = known(), refusal(partial(apply, stale.id))
        own.open("salesforce.create", "salesforce.update")
        yield Moved(own, other, refusals, before, after, twin, again, newcomer, reconcile(), too_late)


def refusal(deed: Callable[[], Any]) -> TandemError:
    with pytest.raises(TandemError) as caught:
        deed()
    return caught.value


def test_another_org_is_refused_with_one_sentence_until_somebody_says_replace(moved: Moved) -> None:
    for error in moved.refusals:
        assert error.exit_code == 2
        assert len(str(error).splitlines()) == 1
        assert "tandem connect salesforce --replace" in str(error)


def test_another_org_starts_empty_and_takes_nobodys_place(moved: Moved) -> None:
    """Two orgs may give one id to different people: a company's own and the copy of it that it tries things out in."""
    ann = moved.own.stock[0]
    assert moved.twin == ann.salesforce
    links, before = moved.after.links["person"], moved.before.links["person"]
    assert links[f"salesforce:Contact:{moved.twin}"] != before[f"salesforce:Contact:{ann.salesforce}"]
    assert links[f"salesforce:Contact:{moved.again}"] == before[f"aloware:contacts:{ann.aloware}"]
    assert moved.after.people["key"].is_unique
    assert moved.own.contact(moved.newcomer)["last_name"] == "Other"


def test_another_orgs_word_counts_as_the_old_ones_did(moved: Moved) -> None:
    """What the old org said stands with nobody any more; it isn't written over what the new one says."""
    assert moved.other.person.value("salesforce", "Contact", moved.again, "LastName") == "Elsewhere"
    assert moved.own.contact(moved.own.stock[0].phone)["last_name"] == "Elsewhere"


def test_another_org_changes_nothing_for_the_other_systems_records(moved: Moved) -> None:
    others = moved.before.links[moved.before.links["system"] != "salesforce"]
    assert moved.after.links.loc[others.index, "person"].equals(others["person"])
    assert moved.own.contact(moved.own.stock[1].phone)["last_name"] == "Lee", "whom only the old org knew stays"


def test_another_org_gets_no_record_of_people_whom_only_the_old_one_knew(moved: Moved) -> None:
    assert moved.other.person.in_salesforce("Contact", moved.own.stock[1].phone) == []
    assert moved.opened.plan.changes.empty


def test_a_plan_made_before_an_account_was_replaced_cannot_be_applied(moved: Moved) -> None:
    assert "superseded" in str(moved.too_late)


def test_aloware_to_crm_alone_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The one direction that the product doesn't have, whatever the scope."""
    with office(tmp_path):
        for system in ("salesforce", "hubspot"):
            connect(system)
        for scope in SCOPES:
            for direction in ("outbound", "aloware-to-crm", ""):
                assert run(["direction", scope, direction]) == 2
                assert "Aloware → CRM alone is not supported" in capsys.readouterr().err
        assert set(known().directions.values()) == {"inbound"}
