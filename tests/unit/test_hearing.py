"""What posts to the inbox say."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.core.communications.communication import CALL, OUTBOUND
from tasks.core.communications.reading import read

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CALLED: dict[str, Any] = {
    "id": 9300001, "type": "1", "direction": 2, "lead_number": "+14155552671", "contact_id": 12,
    "disposition_status": "completed", "talk_time": "63", "duration": 71, "body": "", "user_id": 4,
    "created_at": "2026-11-22 11:00:00", "updated_at": "2026-11-22 11:02:00",
    "direct_recording_url": "https://aloware.example/static/recording/1",
}  # fmt: skip


def test_a_call_is_read_whatever_its_codes_are_written_as() -> None:
    """Codes come as numbers or as text; times are UTC without saying so."""
    heard = read({"event": "OutboundPhoneCall-DispositionCompleted", "body": CALLED}, NOW).communication
    assert heard is not None
    assert (heard.id, heard.type, heard.direction) == ("9300001", CALL, OUTBOUND)
    assert (heard.talk_time, heard.duration, heard.at) == (63, 71, "2026-11-22T11:00:00+00:00")


def test_zapier_s_flat_record_is_the_same_call() -> None:
    """Keys in Title Case, and an event's name that can't be trusted."""
    flat = {key.replace("_", " ").title(): value for key, value in CALLED.items()}
    flat["Event"] = "OutboundSMS-DispositionCompleted"
    told = read(flat, NOW).communication
    assert told == read({"event": "x", "body": CALLED}, NOW).communication


def test_a_transcription_names_its_call_under_communication() -> None:
    """It has no id of its own."""
    body = {"communication": {"id": 9300001}, "contact": {"phone_number": "+14155552671"}, "call_summary": "A quote."}
    heard = read({"event": "transcription.call.summarized", "body": body}, NOW).communication
    assert heard is not None
    assert (heard.id, heard.number, heard.summary) == ("9300001", "+14155552671", "A quote.")


def test_a_contact_event_says_whom_to_look_up() -> None:
    """Its body isn't documented, so nothing else of it is believed."""
    assert read({"event": "Contact-Updated", "body": {"id": 3, "phone_number": "+1415"}}, NOW).numbers == ("+1415",)


@pytest.mark.parametrize(
    ("post", "reason"),
    [
        ([1], "not an object"),
        ({"test_payload": True}, "a test"),
        ({"event": "x", "body": {}}, "no communication, and no contact with a number"),
        ({"event": "x", "body": {"lead_number": "+14155552671"}}, "a communication without an id"),
        ({"event": "x", "body": CALLED | {"created_at": "yesterday"}}, "a time that can't be read"),
        ({"event": "x", "body": CALLED | {"created_at": "2027-01-01 00:00:00"}}, "a time that is still to come"),
    ],
)
def test_what_can_t_be_used_has_a_reason(post: Any, reason: str) -> None:
    assert read(post, NOW).reason == reason


WORDS = [*CALLED, "event", "body", "communication", "contact", "test_payload"]
PLAIN = st.none() | st.booleans() | st.integers() | st.text()
JSON = st.recursive(
    PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(WORDS), inner), max_leaves=20
)


@settings(max_examples=200, deadline=None)
@given(post=JSON)
def test_garbage_is_never_a_crash(post: Any) -> None:
    """Whatever is posted is read, or has a reason why not."""
    heard = read(post, NOW)
    assert heard.communication or heard.numbers or heard.reason
