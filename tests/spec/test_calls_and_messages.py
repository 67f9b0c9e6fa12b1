"""Calls and messages

Each call and each message of Aloware's becomes one Salesforce Task, on the Lead or Contact of whoever had its number at
the time. What is known of one comes in several posts and rows of exports, in any order, and its id holds them together.
"""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from msgspec import structs

from tasks.core.communications.attribution import Place, places
from tasks.core.communications.communication import (
    CALL,
    INBOUND,
    MESSAGE,
    OUTBOUND,
    Communication,
    adds,
    recent,
    together,
)
from tasks.core.communications.export import Line, listed
from tasks.core.communications.native import Written, suspicions
from tasks.core.communications.reading import read
from tasks.core.communications.task import LONGEST, call_object, digest, fields, may_come
from tasks.ledger.communications import Due
from tasks.log import Entry
from tests.property.simulation import NOON, Simulation, nothing_known
from tests.property.worlds import shipped_policy

POLICY = shipped_policy("first_name", "phone")
PHONE, OTHER = "+14155552671", "+14155552672"
NEW_YORK = "America/New_York"
TOLD: dict[str, Any] = {
    "id": 9300001, "type": 1, "direction": 2, "lead_number": PHONE, "disposition_status": "completed",
    "talk_time": 63, "duration": 71, "created_at": "2026-11-22 11:00:00", "updated_at": "2026-11-22 11:02:00",
}  # fmt: skip
TALK = Communication(
    "9300001", CALL, OUTBOUND, PHONE, at="2026-11-22T11:00:00+00:00", status="completed", disposition="Interested",
    talk_time=63, duration=71, notes="wants a quote", recording="https://audio.example/1",
    updated_at="2026-11-22T11:02:00+00:00",
)  # fmt: skip


def town(**records: str) -> Simulation:
    """Records by place, each with that number, after a run; `contact_2` is the second Contact."""
    world = Simulation(POLICY, nothing_known(POLICY))
    for name, phone in records.items():
        place, _, record_id = name.partition("_")
        world.add(place, record_id or "1", phone=phone, first_name="Ann")
    world.run()
    return world


def place(world: Simulation, number: str = PHONE, at: str = TALK.at) -> Place:
    """Where a call with that number at that time belongs."""
    call = structs.replace(TALK, number=number, at=at)
    return places([call], world.state, world.policy.phones)[call.id]


def task(one: Communication, recording: bool = True) -> dict[str, str]:
    return fields(one, "003A", NEW_YORK, None, recording)


def heard(**changed: Any) -> Communication:
    """What an event says that has these in it."""
    said = read({"event": "Call-Disposed", "body": TOLD | changed}, NOON).communication
    assert said is not None
    return said


# One Task each.


def test_one_communication_is_one_task() -> None:
    """However its id is written, wherever it stands, and whatever else is said: calls and messages share one space of
    ids, and the Task carries the id in `CallObject`.

    A webhook's number or text, a transcription's inner object, Zapier's flat record, and a row of an export.
    """
    transcription = {"communication": {"id": 9300001}, "call_summary": "a quote"}
    zapier = {"Communication Id": "9300001", "Type": "2", "Talk Time": "63"}
    posts = [{"event": "x", "body": body} for body in (TOLD, TOLD | {"id": "9300001"}, TOLD | {"id": 9300001.0})]
    said = [read(post, NOON).communication for post in (*posts, {"event": "x", "body": transcription}, zapier)]
    said.append(listed(Line(2, {"id": "9300001", "type": "sms", "updated_at": NOON.isoformat()}), NOON))
    assert {call_object(one.id) for one in said if one is not None} == {"aloware:9300001"}
    assert None not in said


def test_an_export_repeats_what_is_known() -> None:
    """A row adds to a call only what nobody had said; that the file is young makes nothing in it news."""
    row = {"id": "9300001", "type": "call", "started_at": TALK.at, "talk_time": "01:03", "contact_number": PHONE}
    known = [heard(notes="wants a quote")]
    young = {"updated_at": (NOON - timedelta(minutes=1)).isoformat()}
    assert not adds(listed(Line(2, row | young), NOON), known)
    assert adds(listed(Line(2, row | young | {"notes": "got it"}), NOON), known)
    assert not adds(listed(Line(2, row | {"notes": "old", "updated_at": TALK.at}), NOON), known)


def test_a_task_that_may_still_come_isn_t_asked_for_again() -> None:
    """A create without an answer may be under way in Salesforce, where no look finds it yet: for ten minutes a
    communication that isn't found there waits. One that nobody asked for doesn't."""
    assert may_come(NOON, NOON + timedelta(minutes=9, seconds=59))
    assert not may_come(NOON, NOON + timedelta(minutes=10))
    assert not may_come(None, NOON)


def test_what_others_log_is_not_logged_twice() -> None:
    """Before the first Task: a Task that somebody else wrote of the very call, on its record, holds the run; so does
    Aloware's package. Another call's Task doesn't, and neither do our own."""
    calls = [(TALK, "003A")]
    theirs = Written("00T1", "003A", datetime(2026, 11, 22, 11, 5, tzinfo=UTC), seconds=63)
    ours = Written("00T2", "003A", theirs.created_at, call_object("9300001"), 63)
    another = Written("00T3", "003A", theirs.created_at, seconds=400)
    assert len(list(suspicions(["Subject"], calls, [theirs]))) == 1
    assert len(list(suspicions(["aloware__Call_Direction__c"], calls, []))) == 1
    assert list(suspicions(["Subject"], calls, [ours, another])) == []


# Whose it is.


def test_a_call_goes_to_whoever_had_the_number_then() -> None:
    """Bob takes over Ann's number on 1 December.

    | the call was | it is on the Contact |
    | ------------ | -------------------- |
    | long ago     | Ann                  |
    | that morning | Ann                  |
    | since then   | Bob                  |
    """
    world = town(contact_1=PHONE, contact_2=OTHER)
    world.edit("salesforce:Contact:1", phone="+14155552673", at="2026-12-01T09:00:00+00:00")
    world.edit("salesforce:Contact:2", phone=PHONE, at="2026-12-01T09:00:00+00:00")
    world.run()
    times = ("2020-01-01T00:00:00+00:00", "2026-12-01T08:59:59+00:00", "2026-12-01T09:00:01+00:00")
    assert [place(world, at=at).who for at in times] == ["1", "1", "2"]


@pytest.mark.parametrize(
    ("number", "at", "reason"),
    [
        (PHONE, "", "nobody has said yet when it was"),
        ("", TALK.at, "its number can't be read"),
        ("12", TALK.at, "its number can't be read"),
        ("+14155552679", TALK.at, "nobody had its number then, or more than one"),
    ],
)
def test_what_has_no_place_waits(number: str, at: str, reason: str) -> None:
    """With the reason, and nobody is guessed: no time, no number, one that is none, one that nobody has."""
    assert place(town(contact=PHONE), number, at) == Place(reason=reason)


def test_somebody_who_isn_t_in_salesforce_waits() -> None:
    """The call is known to be theirs, and goes to their record once they have one, however old it is by then."""
    world = town(hubspot=PHONE, aloware=PHONE)
    waits = place(world)
    assert (waits.who, waits.reason) == (None, "its person is not in Salesforce")
    world.add("lead", "7", phone=PHONE, first_name="Ann")
    world.run()
    assert place(world) == Place(waits.person, "7")


def test_a_shadow_gets_no_copy() -> None:
    """Of several records with one number only the one that speaks has the Task: the newest Contact here, and a Contact
    before a Lead."""
    world = Simulation(POLICY, nothing_known(POLICY))
    for day, record in enumerate(("contact 1", "contact 2", "lead 3")):
        world.add(*record.split(), created=day, phone=PHONE, first_name="Ann")
    world.run()
    assert world.state.links["role"].tolist().count("shadow") == 2
    assert place(world).who == "2"


def test_after_a_conversion_calls_go_to_the_contact() -> None:
    """Those from before too, if they come late."""
    world = town(lead=PHONE)
    assert place(world).who == "1"
    world.add("contact", "9", phone=PHONE, first_name="Ann")
    world.convert("salesforce:Lead:1", "salesforce:Contact:9")
    world.run()
    assert place(world).who == place(world, at="2020-01-01T00:00:00+00:00").who == "9"


def test_a_task_stays_where_salesforce_has_put_it() -> None:
    """It moves a converted Lead's Tasks to the Contact, and a merged record's to its master: an update says nothing of
    whose Task it is."""
    due = Due(TALK)
    created = Entry(due, Place("p", "00QA"), None, fields(TALK, "00QA", NEW_YORK, None, recording=True)).change
    updated = Entry(due, Place("p", "003A"), "00T1", task(TALK)).change
    assert created.fields["WhoId"] == "00QA"
    assert created.fields.keys() - updated.fields.keys() == {"WhoId", "TaskSubtype"}
    assert digest(task(TALK)) == digest(fields(TALK, "00QA", NEW_YORK, None, recording=True))


def test_after_a_merge_calls_go_to_the_master() -> None:
    """Those with the number that the merged one had, too."""
    world = town(contact_1=PHONE, contact_2=OTHER)
    world.delete("salesforce:Contact:1", merged_into="salesforce:Contact:2")
    world.run()
    assert (place(world, PHONE).who, place(world, OTHER).who) == ("2", "2")


def test_calls_with_a_deleted_record_wait() -> None:
    """Its person goes on in HubSpot, and may be in Salesforce again."""
    world = town(contact=PHONE, hubspot=PHONE)
    world.delete("salesforce:Contact:1")
    world.run()
    assert place(world).reason == "its person is not in Salesforce"


# What its Task says.


def test_what_a_call_s_task_says() -> None:
    """All that is known, and nothing that isn't. The owner is the user who has the agent's e-mail."""
    assert fields(TALK, "003A", NEW_YORK, "005B", recording=True) == {
        "WhoId": "003A",
        "OwnerId": "005B",
        "Subject": "Aloware outbound call: completed",
        "Status": "Completed",
        "ActivityDate": "2026-11-22",
        "Description": "Recording: https://audio.example/1\n\nNotes: wants a quote",
        "TaskSubtype": "Call",
        "CallObject": "aloware:9300001",
        "CallType": "Outbound",
        "CallDurationInSeconds": "63",
        "CallDisposition": "Interested",
    }


def test_what_a_message_s_task_says() -> None:
    """Its text; nothing of calls."""
    message = Communication("5", MESSAGE, INBOUND, PHONE, at=TALK.at, status="completed", body="see you at nine 🙂")
    assert task(message) == {
        "WhoId": "003A",
        "Subject": "Aloware inbound message",
        "Status": "Completed",
        "ActivityDate": "2026-11-22",
        "Description": "see you at nine 🙂",
        "TaskSubtype": "Task",
        "CallObject": "aloware:5",
    }


def test_a_call_that_goes_on_is_in_progress() -> None:
    """Until a post says how it ended."""
    assert task(structs.replace(TALK, status="in-progress"))["Status"] == "In Progress"


def test_a_day_is_the_org_s() -> None:
    """Half past one at night in UTC is the evening before in New York."""
    late = structs.replace(TALK, at="2026-11-22T01:30:00+00:00")
    assert task(late)["ActivityDate"] == "2026-11-21"
    assert fields(late, "003A", "Asia/Tokyo", None, recording=True)["ActivityDate"] == "2026-11-22"


def test_a_link_that_the_policy_forbids_is_told_nowhere() -> None:
    """Whoever has it hears the audio. The rest of the call is told."""
    told = task(TALK, recording=False)
    assert "audio.example" not in str(told)
    assert told["Description"] == "Notes: wants a quote"


def test_a_description_is_as_long_as_salesforce_takes() -> None:
    """32,000 characters, counted as strictly as anybody might: one that takes four bytes counts twice and isn't cut in
    two. The link to the recording stays whole; what comes after it is cut at the end."""
    long = structs.replace(TALK, notes="", body="🙂" * 40_000)
    told = task(long)["Description"]
    link, _, text = told.partition("\n\n")
    assert (link, set(text)) == ("Recording: https://audio.example/1", {"🙂"})
    assert LONGEST - 1 <= len(told.encode("utf-16-le")) // 2 <= LONGEST
    silent = structs.replace(long, recording="")
    assert task(silent)["Description"] == "🙂" * (LONGEST // 2)
    odd = structs.replace(silent, body="x" + "🙂" * (LONGEST // 2))
    assert task(odd)["Description"] == "x" + "🙂" * (LONGEST // 2 - 1)


# What is heard later.


@pytest.mark.parametrize(
    "news", [{"direct_recording_url": "https://audio.example/1"}, {"call_summary": "a quote"}, {"notes": "call back"}]
)
def test_what_is_heard_later_goes_into_the_same_task(news: dict[str, str]) -> None:
    """A recording, a summary, an agent's notes: the Task is written anew. The same news again writes nothing."""
    first, later = heard(), heard(**news, updated_at="2026-11-22 11:09:00")
    before, after = task(first), task(together([first, later]))
    assert digest(before) != digest(after)
    assert before["CallObject"] == after["CallObject"]
    again = structs.replace(later, updated_at="2026-11-22T11:11:00+00:00")
    assert digest(task(together([first, later, again]))) == digest(after)


def test_an_older_word_never_overwrites_a_newer_one() -> None:
    """Posts come in any order, and the latest word counts, whatever else its post tells. Of how a call ended an outcome
    is later than none; nothing said erases nothing.

    | said at | status      | talk time | notes        | disposition |
    | ------- | ----------- | --------- | ------------ | ----------- |
    | 11:00   | in-progress | 1         |              |             |
    | 11:02   | completed   | 63        | first        | No Answer   |
    | 11:03   |             |           | second       |             |
    | 11:04   | in-progress | 5         |              |             |
    | in all  | completed   | 63        | second       | No Answer   |
    """
    parts = [
        heard(disposition_status="in-progress", talk_time=1, updated_at="2026-11-22 11:00:00"),
        heard(notes="first", call_disposition="No Answer"),
        heard(disposition_status=None, talk_time=None, notes="second", updated_at="2026-11-22 11:03:00"),
        heard(disposition_status="in-progress", talk_time=5, updated_at="2026-11-22 11:04:00"),
    ]
    for order in permutations(parts):
        whole = together(order)
        assert (whole.status, whole.talk_time) == ("completed", 63)
        assert (whole.notes, whole.disposition) == ("second", "No Answer")


def test_nothing_from_before_is_logged() -> None:
    """Nothing older than `since` in the policy, or else than the connection. What has no time yet isn't known to be."""
    connected = datetime(2026, 11, 22, 10, 0, 0, 999, tzinfo=UTC)
    early, late = (Communication("1", at=f"2026-11-22T{hour}:00:00+00:00") for hour in ("09", "10"))
    assert [recent(one, "", connected) for one in (early, late)] == [False, True]
    assert recent(early, "2026-11-22T04:00:00-05:00", connected)
    assert recent(Communication("1"), "", connected)
