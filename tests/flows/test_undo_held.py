"""A mass change: held, approved, applied, taken back; and undos that can't be had, as a script sees them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from flows.cli import main
from tasks.session import open_session
from tests.flows.worlds import Office, connected, number

TempFolders = pytest.TempPathFactory


@dataclass
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        return dict(json.loads(self.out))


Tandem = Callable[..., Said]


@pytest.fixture
def tandem(capfd: pytest.CaptureFixture[str]) -> Tandem:
    """Type a command."""

    def typed(*words: str) -> Said:
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        return Said(int(ended.value.code or 0), *capfd.readouterr())

    return typed


@pytest.fixture(scope="module")
def big_office(tmp_path_factory: TempFolders) -> Iterator[Office]:
    """200 people; Salesforce is inbound, HubSpot is written."""
    with connected(tmp_path_factory.mktemp("mass"), people=200, scopes=["hubspot.update"]) as office:
        yield office


@pytest.fixture(scope="module")
def small_office(tmp_path_factory: TempFolders) -> Iterator[Office]:
    with connected(tmp_path_factory.mktemp("small"), stock=3, scopes=["salesforce.update"]) as office:
        yield office


def test_a_mass_change_is_held_named_approved_applied_and_undone(
    big_office: Office, tandem: Tandem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broken import renames 60 % of the Contacts. The undo is as big, so it waits for a person as well. Salesforce
    keeps what the import typed; nothing is left to do for the next run."""
    office = big_office.entered(monkeypatch)
    contacts = office.person.ask_salesforce("SELECT Id, FirstName FROM Contact WHERE FirstName != null ORDER BY Id")
    broken = contacts[: len(contacts) * 6 // 10]
    before = aloware_names(office)
    for row in broken:
        office.person.edit_in_salesforce("Contact", row["Id"], FirstName="#REF!")

    held = tandem("reconcile", "--json")
    assert held.code == 20
    assert "aloware.updates" in breakers(held.json)
    let_go(tandem, held.json, reason="the names are right")
    assert aloware_names(office).count("#REF!") > len(broken) // 2

    undone = tandem("undo", held.json["run"], "--json")
    assert undone.code == 20
    assert (undone.json["mode"], undone.json["changes"]) == ("undo", [])
    assert "aloware.updates" in breakers(undone.json)
    let_go(tandem, undone.json, reason="they were not")
    assert aloware_names(office) == before
    assert office.person.value("salesforce", "Contact", broken[0]["Id"], "FirstName") == "#REF!"

    after = tandem("plan", "--json")
    assert (after.code, after.json["changes"], after.json["held"]) == (0, [], [])


def let_go(tandem: Tandem, held: dict[str, Any], reason: str) -> None:
    """Approve all that holds a plan, and apply it."""
    words = [word for name in breakers(held) for word in ("--override", name)]
    approved = tandem("approve", held["plan"], *words, "--reason", reason)
    assert approved.code == 0, approved.err
    applied = tandem("apply", held["plan"], "--json")
    assert applied.code == 0, applied.err
    assert applied.json["receipts"] == {"applied": len(held["held"]), "refused": 0, "stale": 0}


def breakers(plan: dict[str, Any]) -> list[str]:
    return [breaker["name"] for breaker in plan["verdict"]["breakers"]]


def aloware_names(office: Office) -> list[str]:
    return [contact["first_name"] for contact in office.person.in_aloware()]


def rename(office: Office, tandem: Tandem, contact: str, name: str) -> str:
    """Somebody types a name in Salesforce, and a run carries it; gives the run."""
    office.person.edit_in_salesforce("Contact", contact, FirstName=name)
    return str(tandem("reconcile", "--json").json["run"])


def test_what_a_later_run_overwrote_is_listed(
    small_office: Office, tandem: Tandem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those values aren't that run's any more. Undoing the later run first makes them so again."""
    office = small_office.entered(monkeypatch)
    ann = office.stock.pop()
    first, second = (rename(office, tandem, ann.salesforce, name) for name in ("Bad", "Worse"))
    early = tandem("undo", first, "--json")
    assert (early.code, early.json["changes"]) == (0, [])
    assert [r["reason"] for r in early.json["refused"]] == ["it doesn't hold that run's value any more"]
    for run, name in ((second, "Bad"), (first, "Ann")):
        late = tandem("undo", run, "--json")
        assert (late.code, late.json["receipts"]["applied"], late.json["refused"]) == (0, 1, [])
        assert office.contact(ann.phone)["first_name"] == name
    again = tandem("undo", first, "--json")
    assert (again.code, again.json["changes"]) == (0, [])
    assert tandem("plan", "--json").json["changes"] == []


def test_a_scope_that_is_inbound_by_now_is_not_touched(
    small_office: Office, tandem: Tandem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an agent's edit brought into Salesforce stays there; the rest of the run goes back."""
    office = small_office.entered(monkeypatch)
    ann = office.stock.pop()
    office.person.edit_in_aloware(ann.aloware, first_name="Anne")
    run = tandem("reconcile", "--json").json["run"]
    assert office.person.value("salesforce", "Contact", ann.salesforce, "FirstName") == "Anne"
    tandem("direction", "salesforce.update", "inbound")
    office.person.forget_requests()
    done = tandem("undo", run, "--json")
    assert [(r["system"], r["reason"]) for r in done.json["refused"]] == [("salesforce", "its scope is inbound now")]
    assert office.person.writes("salesforce") == []
    tandem("direction", "salesforce.update", "two-way")
    assert tandem("plan", "--json").json["changes"] == []


def test_what_can_t_be_undone_is_said_in_a_sentence(
    small_office: Office, tandem: Tandem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unknown run, one that wrote nothing, and one whose plan was blanked for somebody who was forgotten."""
    office = small_office.entered(monkeypatch)
    unknown = tandem("undo", "r20200101-000000-abcd", "--json")
    assert (unknown.code, unknown.out) == (2, "")
    assert "There is no run" in unknown.err
    quiet = tandem("reconcile", "--json").json["run"]
    nothing = tandem("undo", quiet)
    assert nothing.code == 2
    assert "wrote nothing" in nothing.err
    office.person.create_in_salesforce("Contact", FirstName="Cy", LastName="Lee", Phone=number())
    run = tandem("reconcile", "--json").json["run"]
    with open_session() as session, session.ledger.plans.database.writing() as transaction:
        transaction.connection.exec_driver_sql(f"UPDATE plans SET erased_at = '2026-11-22' WHERE run = '{run}'")
    forgotten = tandem("undo", run)
    assert forgotten.code == 2
    assert "forgotten" in forgotten.err


def killed(*_: object) -> None:
    """The end of a process, right after its writes."""
    raise MemoryError


def test_a_run_that_was_killed_is_ended_first(
    small_office: Office, tandem: Tandem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it had written is known by the answers, and goes back."""
    office = small_office.entered(monkeypatch)
    ann = office.stock.pop()
    office.person.edit_in_salesforce("Contact", ann.salesforce, FirstName="Bad")
    with monkeypatch.context() as patched:
        patched.setattr("flows.apply.read_back", killed)
        assert tandem("reconcile").code == 1
    assert office.contact(ann.phone)["first_name"] == "Bad"
    done = tandem("undo", tandem("status", "--json").json["run"]["id"], "--json")
    assert (done.code, done.json["receipts"]["applied"]) == (0, 1), done
    assert office.contact(ann.phone)["first_name"] == "Ann"
    assert tandem("plan", "--json").json["changes"] == []
