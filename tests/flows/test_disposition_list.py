"""HubSpot's list of statuses around the runs: connecting, planning, pausing, accounts without a catalogue, and being
told (`tandem statuses`)."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.apply import apply
from flows.cli.command import run as tandem
from flows.connections import connect, disconnect, pause, resume, set_direction
from flows.plan import plan
from flows.reconcile import reconcile
from tasks.core.model import SYSTEMS
from tasks.session import open_session
from tasks.settings import DEFAULT_POLICY
from tests.flows.test_dispositions import catalogue, entry, lena, offer, pick, refused, status, withdraw
from tests.flows.worlds import Office, connected, office, planned, settle

TempFolders = pytest.TempPathFactory
Rows = dict[str, dict[str, Any]]
Told = Callable[[], Rows]


@pytest.fixture(scope="module")
def one_way(tmp_path_factory: TempFolders) -> Iterator[Office]:
    with connected(tmp_path_factory.mktemp("one-way")) as made:
        yield made


@pytest.fixture
def running(one_way: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Every scope inbound."""
    return one_way.entered(monkeypatch)


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    """What `tandem statuses --json` says, by status (by name, where Aloware alone knows it)."""

    def ask() -> Rows:
        assert tandem(["statuses", "--json"]) == 0
        rows = json.loads(capsys.readouterr().out)["statuses"]
        return {row["status"] or row["name"]: row for row in rows}

    return ask


# "Steps to sync contact dispositions"


def test_connecting_alone_makes_agents_see_hubspots_statuses_locked(tmp_path: Path) -> None:
    """“Once the integration is set, HubSpot Lead Statuses will automatically sync to Aloware as contact dispositions.”
    “A list of Lead Statuses sourced directly from HubSpot. These statuses are locked (indicated by a 🔐 icon)”."""
    with office(tmp_path) as made:
        for system in SYSTEMS:
            assert not [each for each in made.person.dispositions().values() if each["locked"]]
            connect(system)
        mirrored = [each for each in made.person.dispositions().values() if each["value"]]
        options = {option["value"]: option["label"] for option in made.person.statuses()}
        assert {each["value"]: each["name"] for each in mirrored} == options
        assert all(each["locked"] for each in mirrored)
        native = made.person.dispositions()["Attempted to call"]
        assert (native["value"], native["locked"]) == (None, False)


def test_connecting_again_resets_the_direction_to_hubspots(tmp_path: Path) -> None:
    """“If the HubSpot integration is ever disconnected and reconnected, the sync direction will automatically revert
    to HubSpot → Aloware, which is the default behavior.” What an agent picks from then on is put back."""
    with connected(tmp_path, scopes=["hubspot.disposition"]) as made:
        phone, _ = lena(made)
        reconcile()
        disconnect("hubspot")
        connect("hubspot")
        with open_session() as session:
            assert session.ledger.connections.directions()["hubspot.disposition"] == "inbound"
        pick(made, phone, "Connected")
        reconcile()
        assert (made.contact(phone)["disposition"], status(made, phone)) == ("New", "NEW")


@pytest.mark.parametrize("direction", ["outbound", "aloware-to-hubspot", "one-way"])
def test_aloware_to_hubspot_alone_is_not_supported(
    direction: str, running: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    """“Aloware → HubSpot NOT Supported”"""
    assert tandem(["direction", "hubspot.disposition", direction]) == 2
    assert "Aloware → CRM alone is not supported" in capsys.readouterr().err
    with open_session() as session:
        assert session.ledger.connections.directions()["hubspot.disposition"] == "inbound"


# Planning is reading.


def test_a_plan_saves_no_disposition_says_which_and_its_apply_uses_them(running: Office) -> None:
    """A person is on a status that Aloware doesn't have yet: the plan foresees both, and writes nothing."""
    phone, record = lena(running)
    settle()
    offer(running, "DEMO", "Demo booked")
    running.person.edit_in_hubspot(record, hs_lead_status="DEMO")
    running.person.forget_requests()
    made = plan().plan
    assert running.person.writes() == []
    assert "Demo booked" not in running.person.dispositions()
    (finding,) = (f for f in made.verdict.findings if f.set == "aloware")
    assert (finding.severity, finding.rows, finding.holds) == ("info", 1, False)
    assert list(made.cells["after"]) == ["new:DEMO"]
    assert made.refused.empty
    report = apply(made.id)
    assert (report.receipts["applied"], report.converged, report.plan.checksum) == (1, True, made.checksum)
    assert running.contact(phone)["disposition"] == "Demo booked"
    assert reconcile().plan.changes.empty


def test_a_plan_reads_the_list_as_a_run_would_leave_it(running: Office) -> None:
    """A native disposition that will be taken over stands for its status already, so nothing is stale at its apply."""
    phone, record = lena(running, "")
    running.person.create_in_aloware(phone_number=phone, first_name="Lena")
    pick(running, phone, "Attempted to call")
    offer(running, "CALLED", "Attempted to Call")
    running.person.edit_in_hubspot(record, hs_lead_status="CALLED")
    made = plan().plan
    fields = made.cells.merge(made.changes, left_on="change", right_on="id").query("phone == @phone")["field"]
    assert "lead_status" not in set(fields)
    assert made.refused.query("phone == @phone").empty
    assert apply(made.id).receipts["stale"] == 0
    assert running.contact(phone)["disposition"] == "Attempted to Call"


def test_a_status_that_is_gone_before_the_plan_is_applied_is_left_for_the_next_plan(running: Office) -> None:
    """No disposition was ever made for it, so there is nothing to write."""
    phone, record = lena(running)
    settle()
    offer(running, "SHORT", "Short-lived")
    running.person.edit_in_hubspot(record, hs_lead_status="SHORT")
    made = plan().plan
    withdraw(running, "SHORT")
    assert apply(made.id).receipts == {"applied": 0, "refused": 0, "failed": 0, "stale": 1}
    assert running.contact(phone)["disposition"] == "New"
    assert refused(reconcile(), phone) == [("aloware", "the system has no value for this status")]


def test_what_was_saved_is_in_the_journal_with_what_was_before(running: Office) -> None:
    """Every write is."""
    offer(running, "NOTED", "Noted")
    report = reconcile()
    with open_session() as session:
        lines = [line for line in session.ledger.journal.entries(report.plan.run) if line.what == "disposition saved"]
    (line,) = (line for line in lines if line.details["after"]["value"] == "NOTED")
    assert (line.subject, line.details["before"]) == (str(entry(running, "NOTED")["id"]), None)


# A system that is paused, a property that is gone.


def test_a_paused_aloware_keeps_its_meanings(tmp_path: Path) -> None:
    """Its last snapshot stands: what it says is what it said, and no pick."""
    with connected(tmp_path, scopes=["hubspot.disposition"]) as made:
        phone, record = lena(made)
        settle()
        reconcile()
        pause("aloware")
        report = reconcile()
        assert planned(report, phone) == refused(report, phone) == []
        made.person.edit_in_hubspot(record, hs_lead_status="CONNECTED")
        reconcile()
        assert status(made, phone) == "CONNECTED"
        resume("aloware")
        reconcile()
        assert (made.contact(phone)["disposition"], status(made, phone)) == ("Connected", "CONNECTED")


def test_a_status_property_that_hubspot_does_not_have_is_said_in_one_sentence(
    running: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Archived, or misspelt: nothing is planned."""
    text = DEFAULT_POLICY.read_text(encoding="utf-8").replace('"hs_lead_status"', '"lead_status_2"')
    monkeypatch.setenv("TANDEM_POLICY", str(written(tmp_path, text)))
    for words in (["reconcile"], ["plan"], ["statuses"]):
        assert tandem(words) == 10
        said = capsys.readouterr().err
        assert said.startswith("HubSpot's contacts have no property lead_status_2")
        assert (said.count("\n"), "correct the policy" in said) == (1, True)


def written(folder: Path, text: str) -> Path:
    path = folder / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_hubspot_without_any_option_leaves_the_dispositions_alone(tmp_path: Path) -> None:
    """One sentence says so; nobody's status changes, and none is written to HubSpot."""
    with connected(tmp_path, scopes=["hubspot.disposition"]) as made:
        phone, _ = lena(made)
        settle()
        before = catalogue(made)
        made.person.set_statuses([])
        pick(made, phone, "Connected")
        report = reconcile()
        assert catalogue(made) == before
        assert [f.expectation for f in report.plan.verdict.findings if "without any" in f.expectation]
        assert refused(report, phone) == [("hubspot", "not one of the property's options")]
        assert status(made, phone) == "NEW"


# An account without a catalogue.


def test_without_a_catalogue_the_policys_numbers_are_used_checked_and_never_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: Told
) -> None:
    """“This setup ensures agents always work with the HubSpot-defined statuses”: what the table lacks, or has under a
    name that HubSpot doesn't have, is reported, and refused where somebody is on it."""
    with office(tmp_path) as made:
        native = {name: str(each["id"]) for name, each in made.person.dispositions().items()}
        table = {"NEW": native["New"], "CONNECTED": native["Connected"], "In Progress": native["In progress"]}
        lines = "\n".join(f'"{key}" = "{id_}"' for key, id_ in (table | {"GONE": native["Open"]}).items())
        text = DEFAULT_POLICY.read_text(encoding="utf-8").replace(HEADING, f"{HEADING}\n{lines}\n#")
        monkeypatch.setenv("TANDEM_POLICY", str(written(tmp_path, text)))
        monkeypatch.delenv("ALOWARE_CATALOGUE_URL")
        for system in SYSTEMS:
            connect(system)
        set_direction("hubspot.disposition", "two-way")
        (phone, record), (other, _) = lena(made), lena(made, "UNQUALIFIED")
        report = reconcile(initial=True)
        assert made.contact(phone)["disposition"] == "New"
        assert refused(report, other) == [("aloware", "the system has no value for this status")]
        missing, gone = (f for f in report.plan.verdict.findings if f.set == "aloware")
        assert "UNQUALIFIED" in missing.expectation
        assert "see In Progress, GONE in" in gone.expectation

        pick(made, phone, "Connected")
        reconcile()
        assert status(made, phone) == "CONNECTED"
        pick(made, phone, "Open")
        report = reconcile()
        assert refused(report, phone) == [("hubspot", "not one of the property's options")]
        made.person.edit_in_hubspot(record, hs_lead_status="NEW")
        reconcile()
        assert made.contact(phone)["disposition"] == "New"

        assert {name: str(each["id"]) for name, each in made.person.dispositions().items()} == native
        rows = told()
        assert {value: (rows[value]["disposition"], rows[value]["state"]) for value in ("NEW", "OPEN", "GONE")} == {
            "NEW": (native["New"], "in the table"),
            "OPEN": (None, "missing in the table"),
            "GONE": (native["Open"], "removed in HubSpot"),
        }
        assert rows["IN_PROGRESS"]["state"] == "renamed: the table has its label"


HEADING = "[aloware.dispositions]"


# `tandem statuses`


def test_statuses_shows_both_lists_side_by_side_and_changes_nothing(tmp_path: Path, told: Told) -> None:
    """Before a run and after it: what will be made of each, and how many people a removed status still has."""
    with connected(tmp_path) as made:
        for value, label in (("DEMO", "Demo"), ("TRIAL", "Trial")):
            offer(made, value, label)
        for value in ("DEMO", "TRIAL", "TRIAL"):
            lena(made, value)
        settle()
        withdraw(made, "TRIAL")
        labels = {"NEW": {"label": "Brand new"}, "OPEN": {"hidden": True}}
        made.person.set_statuses([o | labels.get(o["value"], {}) for o in made.person.statuses()])
        offer(made, "LATE", "Late")
        offer(made, "CALLED", "attempted to call")
        made.person.forget_requests()
        before = told()
        assert made.person.writes() == []
        states = {value: row["state"] for value, row in before.items()}
        assert states.items() >= {"NEW": "to be renamed", "OPEN": "to be updated", "CONNECTED": "mirrored"}.items()
        assert states.items() >= {"LATE": "to be created", "CALLED": "to be taken over"}.items()
        assert (states["TRIAL"], before["TRIAL"]["people"], before["TRIAL"]["label"]) == ("removed in HubSpot", 2, None)
        settle()
        after = told()
        assert {row["state"] for row in after.values()} == {"mirrored", "hidden", "removed in HubSpot"}
        assert after["NEW"] == {
            "position": 0,
            "status": "NEW",
            "label": "Brand new",
            "disposition": str(entry(made, "NEW")["id"]),
            "name": "Brand new",
            "locked": True,
            "hidden": False,
            "state": "mirrored",
            "people": 0,
        }
        assert (after["OPEN"]["state"], after["DEMO"]["people"], after["TRIAL"]["hidden"]) == ("hidden", 1, True)


def test_statuses_is_a_table_for_people(running: Office, capsys: pytest.CaptureFixture[str]) -> None:
    """HubSpot's order, both names, and the next command worth typing."""
    offer(running, "TABLED", "Tabled")
    assert tandem(["statuses"]) == 0
    shown = capsys.readouterr().out
    assert "Lead Status in HubSpot, disposition in Aloware" in shown
    assert [line.split()[0] for line in shown.splitlines() if line[:1].isdigit()][:3] == ["1", "2", "3"]
    assert "to be created" in shown
    assert "`tandem reconcile`" in shown


def test_statuses_needs_both_systems(running: Office, capsys: pytest.CaptureFixture[str]) -> None:
    """And names the one that is missing."""
    pause("hubspot")
    assert tandem(["statuses", "--json"]) == 2
    said = capsys.readouterr()
    resume("hubspot")
    assert said.out == ""
    assert said.err == "Hubspot isn't connected, or is paused: run `tandem connect hubspot` first.\n"
