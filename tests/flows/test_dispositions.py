"""What the vendor's page on contact dispositions promises, sentence by sentence, and what becomes of HubSpot's list."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.flows.worlds import Day, Office, Play, Scene, connected, number, planned, policy_with

TempFolders = pytest.TempPathFactory
Entry = dict[str, Any]

inbound, two_way = Play("inbound_day"), Play("two_way_day")


@pytest.fixture(scope="module")
def inbound_day(tmp_path_factory: TempFolders) -> Iterator[Day]:
    """Every scope inbound."""
    folder = tmp_path_factory.mktemp("inbound")
    with connected(folder, policy=policy_with(folder, floor="1000")) as office:
        yield inbound.act(office)


@pytest.fixture(scope="module")
def two_way_day(tmp_path_factory: TempFolders) -> Iterator[Day]:
    """The status two-way, all else inbound."""
    folder = tmp_path_factory.mktemp("two-way")
    policy = policy_with(folder, floor="1000")
    with connected(folder, policy=policy, scopes=["hubspot.disposition"]) as office:
        yield two_way.act(office)


def test_one_way_hubspot_is_never_written(inbound_day: Day) -> None:
    """“If set to HubSpot → Aloware … Changes in Aloware won't affect HubSpot.”"""
    assert inbound_day.written["hubspot"] == []
    assert inbound_day.written["aloware"]


# People at work.


def lena(office: Office, status: str = "NEW") -> tuple[str, str]:
    """Lena Ortiz, whom HubSpot has on that status: her number and her id there."""
    phone = number()
    values = {"firstname": "Lena", "lastname": "Ortiz", "phone": phone, "hs_lead_status": status}
    return phone, office.person.create_in_hubspot(**values)


def pick(office: Office, phone: str, disposition: str) -> None:
    """What an agent does who picks a disposition, by its name."""
    chosen = office.person.dispositions()[disposition]["id"]
    office.person.edit_in_aloware(str(office.contact(phone)["id"]), disposition_status_id=chosen)


def status(office: Office, phone: str) -> str:
    return str(office.person.in_hubspot(phone)[0]["hs_lead_status"] or "")


def offer(office: Office, value: str, label: str, **more: Any) -> None:
    """Add an option to HubSpot's Lead Status, at the end."""
    office.person.set_statuses([*office.person.statuses(), {"value": value, "label": label, **more}])


def withdraw(office: Office, value: str) -> None:
    """Delete an option of HubSpot's Lead Status, whoever is on it."""
    office.person.set_statuses([o for o in office.person.statuses() if o["value"] != value])


def alter(office: Office, value: str, **changed: Any) -> None:
    """Edit one option of HubSpot's Lead Status."""
    office.person.set_statuses([o | changed if o["value"] == value else o for o in office.person.statuses()])


def catalogue(office: Office) -> list[Entry]:
    """Aloware's list as its administrators see it, hidden entries included."""
    known = office.running.ready["aloware"]
    return list(httpx.get(known["catalogue_url"], params={"api_token": known["token"]}).raise_for_status().json())


def entry(office: Office, value: str) -> Entry:
    """The disposition that mirrors a status."""
    return next(each for each in catalogue(office) if each["value"] == value)


def refused(report: Any, phone: str) -> list[tuple[str, str]]:
    rows = report.plan.refused[report.plan.refused["phone"] == phone]
    return sorted(rows[["system", "reason"]].itertuples(index=False, name=None))


# "Understanding sync behavior"


def status_changed_in_hubspot(office: Office) -> Scene:
    phone, record = lena(office)
    yield
    assert office.contact(phone)["disposition"] == "New"
    office.person.edit_in_hubspot(record, hs_lead_status="CONNECTED")
    yield
    assert office.contact(phone)["disposition"] == "Connected"


@inbound
def test_one_way_a_lead_status_changed_in_hubspot_is_the_contacts_disposition(office: Office) -> Scene:
    """“If you change the Lead Status in HubSpot, the update will automatically sync to the Contact Disposition in
    Aloware.”"""
    yield from status_changed_in_hubspot(office)


@two_way
def test_two_way_a_lead_status_changed_in_hubspot_is_the_contacts_disposition(office: Office) -> Scene:
    """“When enabled, updates in HubSpot sync to Aloware, and vice versa.”"""
    yield from status_changed_in_hubspot(office)


@two_way
def test_two_way_an_agents_pick_flows_back(office: Office) -> Scene:
    """“Changes made to Contact Dispositions in Aloware are reflected back to Lead Statuses in HubSpot.”"""
    phone, _ = lena(office)
    yield
    pick(office, phone, "Unqualified")
    yield
    assert status(office, phone) == "UNQUALIFIED"
    assert office.contact(phone)["disposition"] == "Unqualified"


@inbound
def test_one_way_an_agents_pick_is_put_back(office: Office) -> Scene:
    """“Any changes made to the Contact Disposition in Aloware will not sync back to the Lead Status in HubSpot.” “In
    Aloware Talk, agents cannot modify the synced contact dispositions, ensuring alignment”."""
    phone, _ = lena(office)
    yield
    pick(office, phone, "Unqualified")
    report = yield
    assert (office.contact(phone)["disposition"], status(office, phone)) == ("New", "NEW")
    changes = report.plan.changes
    assert list(changes.loc[changes["phone"] == phone, "rule"]) == ["drift"]


@two_way
def test_two_way_what_hubspot_says_at_the_same_time_wins(office: Office) -> Scene:
    """“If set to HubSpot ↔ Aloware, updates will sync bidirectionally, keeping both platforms aligned.”"""
    phone, record = lena(office)
    yield
    pick(office, phone, "Unqualified")
    office.person.edit_in_hubspot(record, hs_lead_status="CONNECTED")
    report = yield
    assert (office.contact(phone)["disposition"], status(office, phone)) == ("Connected", "CONNECTED")
    assert "lead_status" in set(report.plan.conflicts["field"])


# "HubSpot Lead Statuses will automatically sync to Aloware as contact dispositions. There is no manual action required"


@inbound
def test_a_new_status_becomes_a_locked_disposition(office: Office) -> Scene:
    """“These statuses are locked (indicated by a 🔐 icon), ensuring consistency and preventing manual edits in
    Aloware.”"""
    offer(office, "DEMO", "Demo booked")
    phone, _ = lena(office, "DEMO")
    yield
    assert office.person.dispositions()["Demo booked"].items() >= {"value": "DEMO", "locked": True}.items()
    assert office.contact(phone)["disposition"] == "Demo booked"


@inbound
def test_a_renamed_status_keeps_its_people(office: Office) -> Scene:
    """“A list of Lead Statuses sourced directly from HubSpot.” A label is a name; the internal value is the status."""
    offer(office, "TRIAL", "Trial")
    phone, _ = lena(office, "TRIAL")
    yield
    before = entry(office, "TRIAL")["id"]
    alter(office, "TRIAL", label="Free trial")
    report = yield
    assert entry(office, "TRIAL").items() >= {"id": before, "name": "Free trial", "locked": True}.items()
    assert (office.contact(phone)["disposition"], planned(report, phone)) == ("Free trial", [])


@inbound
def test_labels_that_change_places_are_followed(office: Office) -> Scene:
    """No list ever has one name twice, so one of the two steps aside for a moment."""
    offer(office, "WARM", "Warm")
    offer(office, "COLD", "Cold")
    yield
    ids = {value: entry(office, value)["id"] for value in ("WARM", "COLD")}
    warm, cold = (next(o for o in office.person.statuses() if o["value"] == value) for value in ("WARM", "COLD"))
    others = [o for o in office.person.statuses() if o["value"] not in ("WARM", "COLD")]
    office.person.set_statuses([*others, warm | {"label": "Cold"}, cold | {"label": "Warm"}])
    yield
    assert {value: entry(office, value)["name"] for value in ids} == {"WARM": "Cold", "COLD": "Warm"}
    assert {value: entry(office, value)["id"] for value in ids} == ids


@inbound
def test_agents_see_the_statuses_in_hubspots_order(office: Office) -> Scene:
    """Moved in HubSpot, moved in Aloware."""
    offer(office, "LAST", "Last", displayOrder=90)
    offer(office, "FIRST", "First", displayOrder=91)
    yield
    assert listed(office) == ["LAST", "FIRST"]
    alter(office, "LAST", displayOrder=92)
    yield
    assert listed(office) == ["FIRST", "LAST"]


def listed(office: Office) -> list[str]:
    values = [each["value"] for each in office.person.dispositions().values()]
    return [value for value in values if value in ("FIRST", "LAST")]


@inbound
def test_a_hidden_status_is_hidden_and_its_people_stay(office: Office) -> Scene:
    """Hidden in HubSpot, hidden from agents; shown again when HubSpot shows it."""
    offer(office, "QUIET", "Quiet")
    phone, _ = lena(office, "QUIET")
    yield
    alter(office, "QUIET", hidden=True)
    report = yield
    assert entry(office, "QUIET")["hidden"]
    assert (office.contact(phone)["disposition"], planned(report, phone)) == ("Quiet", [])
    alter(office, "QUIET", hidden=False)
    yield
    assert not entry(office, "QUIET")["hidden"]


@inbound
def test_a_removed_status_with_people_on_it_is_hidden_kept_and_used_again(office: Office) -> Scene:
    """Nobody loses a status, agents can't pick it anew, and the run says that people are still on it."""
    offer(office, "NURTURE", "Nurture")
    (phone, record), (stays, _) = lena(office, "NURTURE"), lena(office, "NURTURE")
    yield
    before = entry(office, "NURTURE")["id"]
    withdraw(office, "NURTURE")
    report = yield
    assert entry(office, "NURTURE").items() >= {"id": before, "hidden": True, "locked": True}.items()
    assert (office.contact(phone)["disposition"], status(office, phone)) == ("Nurture", "NURTURE")
    assert planned(report, phone) == refused(report, phone) == []
    found = [f for f in report.plan.verdict.findings if "Lead Status's options" in f.expectation]
    assert found[0].rows >= 2
    office.person.edit_in_hubspot(record, hs_lead_status="NEW")
    yield
    assert office.contact(phone)["disposition"] == "New"
    offer(office, "NURTURE", "Nurture")
    yield
    assert entry(office, "NURTURE").items() >= {"id": before, "hidden": False, "locked": True}.items()
    assert office.contact(stays)["disposition"] == "Nurture"


@inbound
def test_a_status_with_the_label_of_a_removed_one_gets_the_name(office: Office) -> Scene:
    """Those who are still on the old one can be told apart."""
    offer(office, "LOST_1", "Lost")
    phone, _ = lena(office, "LOST_1")
    yield
    withdraw(office, "LOST_1")
    offer(office, "LOST_2", "Lost")
    yield
    assert (entry(office, "LOST_2")["name"], office.contact(phone)["disposition"]) == ("Lost", "Lost (LOST_1)")


@inbound
def test_labels_that_differ_by_case_only_are_told_apart(office: Office) -> Scene:
    """Aloware's names don't."""
    offer(office, "HOT_1", "Hot")
    offer(office, "HOT_2", "HOT")
    (one, _), (other, _) = lena(office, "HOT_1"), lena(office, "HOT_2")
    yield
    assert office.contact(one)["disposition"] == "Hot (HOT_1)"
    assert office.contact(other)["disposition"] == "HOT (HOT_2)"


@inbound
def test_a_status_with_a_native_dispositions_name_takes_it_over_with_its_people(office: Office) -> Scene:
    """Whatever the case. What agents picked before becomes that status; nobody picked anything anew."""
    phone, _ = lena(office, "")
    office.person.create_in_aloware(phone_number=phone, first_name="Lena")
    pick(office, phone, "Attempted to call")
    native = office.person.dispositions()["Attempted to call"]["id"]
    yield
    offer(office, "CALLED", "ATTEMPTED TO CALL")
    report = yield
    assert entry(office, "CALLED").items() >= {"id": native, "name": "ATTEMPTED TO CALL", "locked": True}.items()
    assert planned(report, phone) == refused(report, phone) == []
    report = yield
    assert planned(report, phone) == refused(report, phone) == []
    assert office.contact(phone)["disposition"] == "ATTEMPTED TO CALL"


@inbound
def test_what_an_administrator_changes_in_aloware_is_put_back(office: Office) -> Scene:
    """“This setup ensures agents always work with the HubSpot-defined statuses, maintaining uniformity across
    platforms.”"""
    offer(office, "SOLID", "Solid")
    yield
    known, before = office.running.ready["aloware"], entry(office, "SOLID")
    sent = {"api_token": known["token"], "name": "Liquid", "locked": False, "hidden": True}
    httpx.patch(f"{known['catalogue_url']}/{before['id']}", json=sent).raise_for_status()
    yield
    assert entry(office, "SOLID") | {"position": before["position"]} == before


@inbound
def test_a_status_that_nobody_can_translate_is_refused_loudly(office: Office) -> Scene:
    """Somebody is on an option that was removed before Aloware ever had it."""
    offer(office, "BRIEF", "Brief")
    phone, _ = lena(office, "BRIEF")
    withdraw(office, "BRIEF")
    report = yield
    assert refused(report, phone) == [("aloware", "the system has no value for this status")]
    report = yield
    assert refused(report, phone) == [("aloware", "the system has no value for this status")]
    assert not office.contact(phone)["disposition_status_id"]
    assert status(office, phone) == "BRIEF"


# Two-way, and a status that HubSpot doesn't know.


@two_way
def test_a_pick_that_hubspot_does_not_know_is_refused_loudly_and_blanks_nothing(office: Office) -> Scene:
    """It stays where it was picked, each run says so, and HubSpot's next word ends it."""
    phone, record = lena(office)
    yield
    pick(office, phone, "Attempted to call")
    for _ in range(2):
        report = yield
        assert planned(report, phone) == []
        assert refused(report, phone) == [("hubspot", "the system has no value for this status")]
        assert (office.contact(phone)["disposition"], status(office, phone)) == ("Attempted to call", "NEW")
    office.person.edit_in_hubspot(record, hs_lead_status="CONNECTED")
    report = yield
    assert (office.contact(phone)["disposition"], status(office, phone)) == ("Connected", "CONNECTED")
    assert refused(report, phone) == []


@two_way
def test_a_pick_of_a_status_that_hubspot_has_removed_is_refused_loudly(office: Office) -> Scene:
    """An agent's page was open since yesterday. When HubSpot has it again, the pick goes there."""
    offer(office, "PILOT", "Pilot")
    phone, _ = lena(office)
    yield
    withdraw(office, "PILOT")
    pick(office, phone, "Pilot")
    report = yield
    assert refused(report, phone) == [("hubspot", "not one of the property's options")]
    assert (office.contact(phone)["disposition"], status(office, phone)) == ("Pilot", "NEW")
    offer(office, "PILOT", "Pilot")
    yield
    assert status(office, phone) == "PILOT"


@two_way
def test_people_on_a_removed_status_may_be_moved_by_agents(office: Office) -> Scene:
    """HubSpot's removed value is nobody's prison."""
    offer(office, "OLD", "Old")
    phone, _ = lena(office, "OLD")
    yield
    withdraw(office, "OLD")
    yield
    pick(office, phone, "Connected")
    yield
    assert status(office, phone) == "CONNECTED"


@two_way
def test_a_disposition_that_an_agent_takes_away_blanks_no_status(office: Office) -> Scene:
    """A blank erases nothing."""
    phone, _ = lena(office)
    yield
    office.person.edit_in_aloware(str(office.contact(phone)["id"]), disposition_status_id="")
    report = yield
    assert (planned(report, phone), status(office, phone)) == ([], "NEW")
