"""Nonsense in what Aloware tells of calls and messages: a reason, a blank, or the part that makes sense; no crash."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from tasks.core.communications.communication import CALL, INBOUND, Communication, adds
from tasks.core.communications.reading import LONGEST_CALL, LONGEST_LINK, Unreadable, moment, read, seconds
from tasks.core.communications.task import LONGEST, fields

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CALLED: dict[str, Any] = {"id": 1, "type": 1, "direction": 2, "lead_number": "+14155552671", "talk_time": 63}


def told(**changed: Any) -> Communication:
    """What an event says that has these in it."""
    heard = read(msgspec.json.decode(json.dumps({"event": "x", "body": CALLED | changed})), NOW)
    assert heard.communication is not None, heard.reason
    return heard.communication


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("63", 63),
        ("01:03", 63),
        ("1:00:03", 3603),
        ("", 0),
        ("-5", 0),
        ("1:2:3:4", 0),
        ("about a minute", 0),
        ("٣", 0),
        ("9" * 5_000, 0),
        ("9:" * 4_000 + "9", 0),
        (str(LONGEST_CALL + 1), 0),
    ],
)
def test_a_duration_is_seconds_minutes_or_hours_and_else_none(text: str, length: int) -> None:
    """No number is too long to be refused, and no call lasts for weeks."""
    assert seconds(text) == length


@pytest.mark.parametrize(
    "text",
    ["yesterday", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-13-01", "1711112300", "1" * 5_000],
)
def test_a_time_outside_the_calendar_has_a_reason(text: str) -> None:
    with pytest.raises(Unreadable, match="can't be read"):
        moment(text, NOW)
    assert read({"event": "x", "body": CALLED | {"created_at": text}}, NOW).reason == "a time that can't be read"


def test_an_event_from_a_clock_that_is_ahead_is_heard_and_one_of_next_week_is_not() -> None:
    """Clocks disagree by hours, not by days."""
    assert told(created_at="2026-11-23 11:00:00").at == "2026-11-23T11:00:00+00:00"
    late = {"event": "x", "body": CALLED | {"updated_at": "2026-11-29 12:00:00"}}
    assert read(late, NOW).reason == "a time that is still to come"


def test_an_id_that_came_as_a_fraction_is_the_number() -> None:
    """Some programs know no other numbers; as text it would be another communication's."""
    assert (told(id=1.0).id, told(communication_id=9300001.0).id, told(talk_time=63.0).talk_time) == (
        "1",
        "9300001",
        63,
    )


def test_an_endless_id_is_none() -> None:
    """Tasks are looked for by it: a question may not be longer than a vendor reads."""
    assert (
        read({"event": "x", "body": CALLED | {"id": "9" * 5_000}}, NOW).reason
        == "a communication with an id that is none"
    )


def test_a_huge_event_says_no_more_than_a_task_holds() -> None:
    """Its Task is as long as Salesforce allows, and no longer."""
    huge = told(body="🙂" * 300_000, notes="n" * 300_000, call_disposition="d" * 300_000, user_name="u" * 300_000)
    task = fields(huge, "003", "America/New_York", None, recording=True)
    assert len(task["Description"].encode("utf-16-le")) // 2 == LONGEST
    assert len(task["CallDisposition"]) == 255


def test_an_empty_event_says_nothing() -> None:
    for event in ({}, {"event": "Call-Disposed"}, {"event": "Call-Disposed", "body": {}}, {"event": "", "body": None}):
        assert read(event, NOW).reason == "no communication, and no contact with a number"


def test_a_communication_without_a_number_waits_for_an_event_that_has_it() -> None:
    """It is no reason to refuse it: the order of events is anybody's guess."""
    assert told(lead_number=None).number == ""


@pytest.mark.parametrize(
    ("given", "link"),
    [
        ("https://app.aloware.example/static/recording/1", "https://app.aloware.example/static/recording/1"),
        ("Yes", ""),
        (True, ""),
        ("javascript:alert(1)", ""),
        ("https://x.example/" + "a" * LONGEST_LINK, ""),
    ],
)
def test_a_recording_is_a_link_or_none(given: Any, link: str) -> None:
    assert told(direct_recording_url=given).recording == link


# What an export repeats.


def test_a_row_that_was_listed_before_adds_nothing() -> None:
    """However young the file is in which it stands again; a change in it does."""
    first = Communication("1", CALL, INBOUND, "+1", at="t1", status="completed", notes="a", updated_at="t2")
    later = msgspec.structs.replace(first, updated_at="t3")
    assert adds(first, [])
    assert not adds(later, [first])
    assert not adds(msgspec.structs.replace(later, notes=""), [first]), "nothing said erases nothing"
    assert adds(msgspec.structs.replace(later, notes="b"), [first])
    assert not adds(msgspec.structs.replace(first, notes="b", updated_at="t1"), [first]), "it is older"
