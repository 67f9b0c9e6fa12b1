"""Calls and messages that the webhooks lost come by Aloware's export; whatever both tell of is one Task."""

import csv
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from flows.cli.command import run
from flows.forget import forget
from flows.log_communications import log_communications
from flows.reconcile import reconcile
from tasks.sandbox.salesforce.org import org_id, person_user
from tasks.sandbox.salesforce.rows import change
from tests.flows.inbox_world import Desk, desk
from tests.flows.worlds import Known, Office, connected, number, policy_with, settle

__all__ = ["desk"]

VARIABLE = "ALOWARE_COMMUNICATIONS_EXPORT"
NAMES = ("Communication ID", "Started At", "Type", "Direction", "Disposition Status", "Call Disposition", "Talk Time")
NAMES += ("Duration", "Contact Number", "Contact ID", "User Name", "Body", "Notes", "Recording", "Voicemail")
IDS = count(9_900_001)
LONG_AGO = datetime.now(UTC) - timedelta(days=9)
RECORDING = "https://app.aloware.example/static/recording/1"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Everything of the last month is to be logged."""
    folder = tmp_path_factory.mktemp("export")
    since = (datetime.now(UTC) - timedelta(days=30)).isoformat(timespec="seconds")
    with connected(folder, policy=policy_with(folder, since=f'"{since}"'), stock=4) as made:
        yield made


class Export:
    """A file in the place of the export."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def lists(self, *rows: dict[str, str], made: datetime | None = None) -> None:
        """Those rows, as somebody exported them at that time, or just now."""
        with self.path.open("w", encoding="utf-8", newline="") as file:
            sheet = csv.DictWriter(file, NAMES)
            sheet.writeheader()
            sheet.writerows(rows)
        if made:
            os.utime(self.path, (made.timestamp(),) * 2)

    def row(self, who: Known | str, **said: str) -> dict[str, str]:
        """A call of nine days ago with somebody; what is `said` stands under headers with _ for blanks."""
        usual = {
            "Communication ID": str(next(IDS)),
            "Started At": LONG_AGO.strftime("%Y-%m-%d %H:%M:%S"),
            "Type": "call",
            "Direction": "outbound",
            "Disposition Status": "completed",
            "Talk Time": "01:03",
            "Contact Number": who if isinstance(who, str) else who.phone,
        }
        return usual | {name.replace("_", " "): value for name, value in said.items()}


@pytest.fixture
def export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Export:
    made = Export(tmp_path / "communications.csv")
    monkeypatch.setenv(VARIABLE, str(made.path))
    return made


def task_of(desk: Desk, row: dict[str, str]) -> dict[str, Any]:
    """The one Task of what that row lists."""
    (task,) = desk.tasks(row["Communication ID"])
    return task


def heard(desk: Desk, **body: Any) -> None:
    desk.ledger.inbox.keep([("aloware", datetime.now(UTC), json.dumps({"event": "Call-Disposed", "body": body}))])


# One Task each.


def test_what_the_webhooks_lost_comes_by_the_export(office: Office, desk: Desk, export: Export) -> None:
    """Once, however often it is read; a newer export adds to the same Task."""
    ann = office.stock[0]
    row = export.row(ann, Notes="wants a quote", Recording=RECORDING)
    export.lists(row, made=LONG_AGO)
    told = log_communications()
    assert (told.created, told.listed.rows, told.listed.new, told.listed.unusable) == (1, 1, 1, 0)
    task = task_of(desk, row)
    assert (task["WhoId"], task["CallType"], task["CallDurationInSeconds"]) == (ann.salesforce, "Outbound", 63)
    assert task["Description"] == f"Recording: {RECORDING}\n\nNotes: wants a quote"
    again = log_communications()
    assert (again.created, again.updated, again.listed.new) == (0, 0, 0)
    export.lists(row | {"Notes": "got the quote"})
    assert (log_communications().updated, task_of(desk, row)["Description"][-13:]) == (1, "got the quote")


def test_an_event_and_a_row_of_one_call_are_one_task(
    office: Office, desk: Desk, export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Aloware's own export says what its webhooks said: nothing is written for it, nor for events after it."""
    call = desk.happens(office.stock[0].aloware, notes="once")
    export.lists()
    assert log_communications().created == 1
    monkeypatch.setenv(VARIABLE, office.environment[VARIABLE])
    told = log_communications()
    assert (told.created, told.updated, told.listed.rows) == (0, 0, 1)
    heard(desk, id=call, disposition_status="completed")
    told = log_communications()
    assert (told.created, told.updated, told.unchanged) == (0, 0, 1)
    (task,) = desk.tasks(call)
    assert task["Description"].endswith("Notes: once")


def test_the_latest_word_counts_whoever_says_it(office: Office, desk: Desk, export: Export) -> None:
    """An event that is older than the export doesn't undo what that says, and a newer one does."""
    row = export.row(office.stock[0], Notes="as exported")
    export.lists(row, made=datetime.now(UTC) - timedelta(days=5))
    call = {"id": row["Communication ID"], "disposition_status": "completed", "lead_number": office.stock[0].phone}
    day = {days: f"{datetime.now(UTC) - timedelta(days=days):%Y-%m-%d %H:%M:%S}" for days in (4, 6)}
    heard(desk, **call, notes="before the export", updated_at=day[6])
    log_communications()
    assert task_of(desk, row)["Description"] == "Notes: as exported"
    heard(desk, **call, notes="after the export", updated_at=day[4])
    assert log_communications().updated == 1
    assert task_of(desk, row)["Description"] == "Notes: after the export"


def test_the_agent_of_an_exported_call_owns_its_task(office: Office, desk: Desk, export: Export) -> None:
    """The export tells a name, and no id; a name that two agents have tells nobody."""
    world = office.running.world
    users = world.store.table("aloware.user")
    for agent, name in (("1", "Ada Agent"), ("2", "Twin"), ("3", "Twin")):
        users.put(agent, {"id": int(agent), "name": name, "email": "person@sandbox.example"})
    rows = [export.row(office.stock[0], User_Name=name) for name in ("ada agent", "Twin")]
    export.lists(*rows)
    log_communications()
    owners = [
        office.person.value("salesforce", "Task", task_of(desk, row)["Id"], "OwnerId") == person_user(world)
        for row in rows
    ]
    assert owners == [True, False]


def test_a_call_is_on_the_day_that_it_was_in_the_org(office: Office, desk: Desk, export: Export) -> None:
    """Its zone is Salesforce's own business, and not the one in which the export tells its times."""
    row = export.row(office.stock[0], Started_At=f"{LONG_AGO:%Y-%m-%d} 22:00:00")
    export.lists(row)
    world = office.running.world
    for zone, days in (("America/Los_Angeles", 0), ("Europe/Berlin", 1), ("Nowhere/Land", 0)):
        change(world, "Organization", org_id(world), {"TimeZoneSidKey": zone}, person_user(world))
        export.lists(row | {"Notes": zone})
        log_communications()
        task = task_of(desk, row)
        day = office.person.value("salesforce", "Task", task["Id"], "ActivityDate")
        assert day == f"{LONG_AGO + timedelta(days=days):%Y-%m-%d}"


# What can't be used, or can't be placed.


def test_a_row_that_cannot_be_used_is_told_and_the_others_are_logged(
    office: Office, export: Export, capsys: pytest.CaptureFixture[str]
) -> None:
    """By its number in the file, on the screen and as JSON."""
    ann = office.stock[0]
    odd = [
        export.row(ann, Communication_ID=""),
        export.row(ann, Type="fax"),
        export.row(ann, Started_At="yesterday"),
        export.row(ann, Started_At=f"{datetime.now(UTC) + timedelta(days=3):%Y-%m-%d %H:%M:%S}"),
    ]
    export.lists(export.row(ann), *odd, export.row(ann))
    with export.path.open("a", encoding="utf-8") as file:
        file.write("9300009,2026-")
    assert run(["log-communications", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["created"], told["listed"]["rows"]) == (2, 7)
    assert told["listed"]["quarantine"] == [
        {"row": "row 3", "reason": "a communication without an id"},
        {"row": "row 4", "reason": "neither a call nor a message"},
        {"row": "row 5", "reason": "a time that can't be read"},
        {"row": "row 6", "reason": "a time that is still to come"},
        {"row": "row 8", "reason": "2 columns where 15 are due, as if cut off"},
    ]
    assert run(["log-communications"]) == 0
    screen = capsys.readouterr().out
    assert "row 8" in screen
    assert "as if cut off" in screen


def test_an_export_that_is_not_there_stops_the_run_with_one_sentence(
    office: Office, export: Export, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was heard meanwhile stays in the ledger."""
    assert run(["log-communications", "--json"]) == 10
    told = capsys.readouterr()
    assert told.out == ""
    assert f"{VARIABLE}: there is no such file; make a communications export in Aloware and name it" in told.err


def test_what_belongs_to_nobody_waits_with_the_reason(office: Office, desk: Desk, export: Export) -> None:
    """A number that nobody ever had, one that can't be read, and none; whether a webhook or the export tells of it."""
    rows = [export.row(phone) for phone in (number(), "extension 12", "")]
    export.lists(*rows)
    at = f"{LONG_AGO:%Y-%m-%d %H:%M:%S}"
    heard(desk, id="9800001", disposition_status="completed", lead_number=number(), created_at=at)
    waiting = dict(log_communications().waiting)
    assert [waiting[name] for name in ("9800001", *(row["Communication ID"] for row in rows))] == [
        "nobody had its number then, or more than one",
        "nobody had its number then, or more than one",
        "its number can't be read",
        "its number can't be read",
    ]
    assert not any(desk.tasks(row["Communication ID"]) for row in rows)


def test_a_contact_deleted_between_call_and_logging_gets_no_task(office: Office, desk: Desk, export: Export) -> None:
    """The call waits: somebody may create them anew, or restore them; then it is logged, once."""
    lost = office.stock[1]
    row = export.row(lost)
    export.lists(row)
    office.person.delete("salesforce", "Contact", lost.salesforce)
    told = log_communications()
    assert (told.created, told.refused, [one for one, _ in told.waiting if one == row["Communication ID"]]) == (
        0, [], [row["Communication ID"]],
    )  # fmt: skip
    reconcile()
    assert dict(log_communications().waiting)[row["Communication ID"]] == "its person is not in Salesforce"
    office.restore_in_salesforce("Contact", lost.salesforce)
    reconcile()
    log_communications()
    assert task_of(desk, row)["WhoId"] == lost.salesforce


def test_a_task_that_a_person_deleted_stays_deleted(office: Office, desk: Desk, export: Export) -> None:
    """What is told of the call later is refused with the reason, and creates no second one."""
    row = export.row(office.stock[0])
    export.lists(row)
    log_communications()
    office.person.delete("salesforce", "Task", task_of(desk, row)["Id"])
    export.lists(row | {"Notes": "too late"})
    assert [one for one, _ in log_communications().refused] == [row["Communication ID"]]
    assert desk.tasks(row["Communication ID"]) == []


def test_text_at_the_limit_is_cut_where_salesforce_still_takes_it(office: Office, desk: Desk, export: Export) -> None:
    """Characters of four bytes count as two, as the strictest reader counts them."""
    rows = [
        export.row(office.stock[0], Type="sms", Body=body)
        for body in ("🙂" * 16_000, "🙂" * 16_001, "x" + "🙂" * 16_000)
    ]
    export.lists(*rows)
    assert log_communications().refused == []
    assert [len(task_of(desk, row)["Description"]) for row in rows] == [16_000, 16_000, 16_000]


def test_a_recording_that_the_policy_forbids_is_in_no_task(
    office: Office, desk: Desk, export: Export, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nor is what only looks like a link."""
    text = Path(office.environment["TANDEM_POLICY"]).read_text(encoding="utf-8")
    policy = tmp_path / "policy.toml"
    policy.write_text(text.replace("recording = true", "recording = false"), encoding="utf-8")
    forbidden, strange = export.row(office.stock[0], Recording=RECORDING), export.row(office.stock[0], Recording="Yes")
    export.lists(strange)
    log_communications()
    monkeypatch.setenv("TANDEM_POLICY", str(policy))
    export.lists(forbidden)
    log_communications()
    assert [task_of(desk, row)["Description"] for row in (forbidden, strange)] == [None, None]


def test_of_somebody_forgotten_the_export_tells_nothing(office: Office, desk: Desk, export: Export) -> None:
    """Their rows are dropped before anything of them is stored."""
    phone = number()
    office.person.create_in_salesforce("Lead", FirstName="Flo", LastName="Gone", Company="Gone", Phone=phone)
    settle()
    forget(phone, "a test")
    row = export.row(phone)
    export.lists(row)
    told = log_communications()
    assert (told.created, told.listed.rows, told.listed.new) == (0, 1, 0)
    assert desk.tasks(row["Communication ID"]) == []
