"""Aloware's list of contacts is a file that somebody makes by hand: what runs come to when it stands still, and when
there is none."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from flows.connections import connect
from flows.plan import plan
from flows.reconcile import reconcile
from tasks.core.errors import PolicyError
from tasks.core.model import ALOWARE, HUBSPOT, SCOPES, SYSTEMS
from tasks.core.run import RunReport
from tasks.session import open_session
from tasks.settings import DEFAULT_POLICY
from tests.flows.test_bad_input import Refusals
from tests.flows.worlds import Day, Office, Play, Scene, connected, number, office, planned, settle

unlisted = Play("unlisted_day")
LOOK_UP = "/contact/phone-number"


def test_an_export_frozen_before_the_last_run_leaves_nothing_to_plan(tmp_path: Path) -> None:
    """Every scope is two-way; everybody was edited somewhere, some were new, and nobody's edit comes back."""
    with connected(tmp_path, people=20, scopes=SCOPES, stock=3) as office:
        person, (lee, ray, kim) = office.person, office.stock
        person.freeze_exports(True)
        new, agents = number(), number()
        person.create_in_salesforce("Contact", FirstName="New", LastName="Contact", Phone=new)
        person.create_in_aloware(phone_number=agents, first_name="New", last_name="Agent")
        hub = person.create_in_hubspot(firstname="Ann", lastname="Lee", phone=kim.phone, hs_lead_status="NEW")
        person.edit_in_salesforce("Contact", lee.salesforce, LastName="Crm", Phone=number())
        person.edit_in_salesforce("Contact", ray.salesforce, LastName="Crm", Email="ray@example.com")
        person.edit_in_aloware(ray.aloware, last_name="Agent")
        assert not reconcile().plan.changes.empty
        person.edit_in_hubspot(hub, lastname="Hub", hs_lead_status="OPEN")
        assert not reconcile().plan.changes.empty
        assert plan().plan.changes.empty
        assert office.contact(kim.phone)["last_name"] == "Hub"
        person.freeze_exports(False)
        assert set(reconcile().plan.changes["phone"]) == {agents}, "whom the export didn't know is new now"
        assert plan().plan.changes.empty


@pytest.fixture(scope="module")
def lookup_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Connected, but without any export; nothing has run yet."""
    with office(tmp_path_factory.mktemp("unlisted"), people=40) as made, pytest.MonkeyPatch.context() as patched:
        patched.delenv("ALOWARE_CONTACTS_EXPORT")
        made.person.create_in_salesforce("Contact", FirstName="Not", LastName="InAloware", Phone=number())
        for system in SYSTEMS:
            connect(system)
        yield made


@pytest.fixture(scope="module")
def first_run(lookup_office: Office) -> RunReport:
    lookup_office.person.forget_requests()
    return settle()


@pytest.fixture(scope="module")
def unlisted_day(lookup_office: Office, first_run: RunReport) -> Day:
    """Two-way from the second run on."""
    lookup_office.open(*SCOPES)
    settle()
    return unlisted.act(lookup_office)


def test_without_an_export_those_that_a_crm_knows_are_found_or_created(
    lookup_office: Office, first_run: RunReport
) -> None:
    """Nobody twice, and nobody whom no CRM knows."""
    with open_session() as session:
        state = session.state()
    crm = state.people.index.isin(state.links.loc[state.links["system"] != ALOWARE, "person"])
    numbers = lookup_office.person.aloware_numbers()
    assert crm.all()
    assert set(state.people["key"].dropna()) <= set(numbers)
    assert len(numbers) == len(set(numbers))
    assert set(numbers) - set(state.people["key"]), "some are Aloware's alone"
    kinds = first_run.plan.changes.loc[first_run.plan.changes["system"] == ALOWARE, "kind"]
    assert set(kinds) == {"create", "update"}


def test_the_policy_may_say_when_an_export_was_made(
    lookup_office: Office, first_run: RunReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not tomorrow."""
    text = DEFAULT_POLICY.read_text(encoding="utf-8")
    shown = next(line for line in text.splitlines() if line.startswith("# export_as_of = "))
    policy = tmp_path / "policy.toml"
    policy.write_text(text.replace(shown, 'export_as_of = "2999-01-01T00:00:00Z"'), encoding="utf-8")
    monkeypatch.setenv("TANDEM_POLICY", str(policy))
    monkeypatch.setenv("ALOWARE_CONTACTS_EXPORT", lookup_office.running.ready[ALOWARE]["export_contacts"])
    with pytest.raises(PolicyError, match=r"export_as_of.*still to come"):
        plan()


def test_the_report_names_what_cannot_be_seen(first_run: RunReport) -> None:
    (finding,) = [f for f in first_run.plan.verdict.findings if f.set == ALOWARE]
    assert "ALOWARE_CONTACTS_EXPORT" in finding.expectation
    assert not finding.holds


@unlisted
def test_a_new_person_of_a_crm_is_created_once(office: Office) -> Scene:
    phone = number()
    office.person.create_in_salesforce("Lead", FirstName="New", LastName="Lead", Company="Co", Phone=phone)
    report = yield
    assert {kind for _, kind, _ in planned(report, phone)} == {"create"}
    assert office.contact(phone)["last_name"] == "Lead"
    report = yield
    assert planned(report, phone) == []


@unlisted
def test_an_edit_in_a_crm_reaches_aloware_and_the_other_crm(office: Office) -> Scene:
    phone = number()
    contact = office.person.create_in_salesforce("Contact", FirstName="Ann", LastName="Both", Phone=phone)
    hub = office.person.create_in_hubspot(firstname="Ann", lastname="Both", phone=phone)
    yield
    office.person.edit_in_salesforce("Contact", contact, LastName="Edited")
    yield
    assert office.contact(phone)["last_name"] == "Edited"
    assert office.person.value(HUBSPOT, "contacts", hub, "lastname") == "Edited"
    report = yield
    assert planned(report, phone) == []


@unlisted
def test_an_agents_edit_of_a_linked_contact_is_seen(office: Office) -> Scene:
    phone = number()
    office.person.create_in_salesforce("Contact", FirstName="Ann", LastName="Mine", Phone=phone)
    yield
    office.person.edit_in_aloware(str(office.contact(phone)["id"]), last_name="Agent")
    report = yield
    assert planned(report, phone) == [("salesforce", "update", "LastName")]
    (contact,) = office.person.in_salesforce("Contact", phone)
    assert contact["LastName"] == "Agent"
    report = yield
    assert planned(report, phone) == []


@unlisted
def test_each_number_is_looked_up_once_a_run(office: Office) -> Scene:
    """Where nothing is to be written."""
    while (yield).plan.changes.size:
        pass
    with open_session() as session:
        known = set(session.state().people["key"].dropna())
    asked = [r for r in office.person.requests(ALOWARE) if r["path"].endswith(LOOK_UP)]
    assert 0 < len(asked) <= len(known) + 5


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda whole: None, ("ALOWARE_CONTACTS_EXPORT", "no such file", "make a contacts export")),
        (lambda whole: b"", ("ALOWARE_CONTACTS_EXPORT", "is empty", "make the contacts export")),
        (lambda whole: whole[: len(whole) // 2], ("columns where", "make the contacts export")),
        (lambda whole: whole.replace(b"Email", b"E-mail address"), ("'Email'", "email", "[aloware.export_columns]")),
        (lambda whole: b"a,b,c,d,e,f,g,h,i,j\n" + b"1,2,3,4,5,6,7,8,9,10\n" * 9, ("none of the columns",)),
        (lambda whole: b"<html><body>Sign in</body></html>\n", ("none of the columns", "make the contacts export")),
        (lambda whole: whole.decode().encode("utf-16"), ("UTF-8", "make the contacts export")),
    ],
    ids=["missing", "empty", "cut", "renamed column", "garbage", "page", "encoding"],
)
def test_an_export_that_cannot_be_used_stops_the_run(
    damage: Callable[[bytes], bytes | None],
    words: tuple[str, ...],
    lookup_office: Office,
    unlisted_day: Day,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nothing is planned, learned or written; the sentence says what to do."""
    path = tmp_path / "contacts.csv"
    damaged = damage(httpx.get(lookup_office.environment["ALOWARE_CONTACTS_EXPORT"]).content)
    if damaged is not None:
        path.write_bytes(damaged)
    monkeypatch.setenv("ALOWARE_CONTACTS_EXPORT", str(path))
    Refusals(lookup_office, capsys)("reconcile", 10, *words)


def test_an_export_that_lists_nobody_takes_nobody_away(
    lookup_office: Office, unlisted_day: Day, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Absence from it proves nothing: everybody is looked up."""
    path = tmp_path / "contacts.csv"
    whole = httpx.get(lookup_office.environment["ALOWARE_CONTACTS_EXPORT"]).text
    path.write_text(whole.splitlines()[0] + "\n", encoding="utf-8")
    monkeypatch.setenv("ALOWARE_CONTACTS_EXPORT", str(path))
    made = plan().plan
    assert made.changes.empty
    assert made.verdict.outcome == "pass"
