"""A communication as a Salesforce Task (design, communications; Salesforce fact sheet, section 11.2)."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from tasks.core.communications.communication import CALL, INBOUND, Communication

LONGEST = 32_000  # characters of a Description
LONGEST_SUBJECT = 255
KEY = "CallObject"
# What only a create gives: the record is Salesforce's business from then on, which re-points Tasks at conversion.
ONCE = ("WhoId", "TaskSubtype")
UNDER_WAY = timedelta(minutes=10)  # Salesforce works on a call for some minutes, whether or not we wait for the end


def call_object(communication: str) -> str:
    """What tells the Task of a communication from every other: it is looked for by this."""
    return f"aloware:{communication}"


def fields(one: Communication, who: str, zone: str, owner: str | None, recording: bool) -> dict[str, str]:
    """Property → value of its Task on that record. `zone`: whose calendar says on which day it was; `owner`: the id of
    the user in Salesforce, where known; `recording`: whether the link to the audio may be told."""
    sent = {
        "WhoId": who,
        "Subject": _subject(one),
        "Status": "Completed" if one.finished or one.type != CALL else "In Progress",
        "ActivityDate": datetime.fromisoformat(one.at).astimezone(ZoneInfo(zone)).date().isoformat() if one.at else "",
        "Description": _description(one, recording),
        "TaskSubtype": "Call" if one.type == CALL else "Task",
        KEY: call_object(one.id),
    }
    if one.type == CALL:
        sent |= {
            "CallType": "Inbound" if one.direction == INBOUND else "Outbound",
            "CallDurationInSeconds": str(one.talk_time),
            "CallDisposition": (one.disposition or one.status)[:LONGEST_SUBJECT],
        }
    if owner:
        sent["OwnerId"] = owner
    return {name: value for name, value in sent.items() if value}


def _subject(one: Communication) -> str:
    what = "call" if one.type == CALL else "message"
    outcome = f": {one.status}" if one.type == CALL and one.status else ""
    return f"Aloware {one.direction} {what}{outcome}".replace("  ", " ")[:LONGEST_SUBJECT]


def _description(one: Communication, recording: bool) -> str:
    """Whole paragraphs first; what is too long is cut at the end, and never inside a character."""
    parts = [one.body, one.notes and f"Notes: {one.notes}", one.summary and f"Summary: {one.summary}"]
    link = f"Recording: {one.recording}" if recording and one.recording else ""
    text = "\n\n".join(part for part in parts if part)
    room = LONGEST - (len(link) + 2 if link else 0)
    return "\n\n".join(part for part in (link, _cut(text, room)) if part)


def _cut(text: str, room: int) -> str:
    """No more than that many UTF-16 units, the strictest way to count characters, and no half of one."""
    return text.encode("utf-16-le")[: 2 * room].decode("utf-16-le", "ignore")


def may_come(asked_at: datetime | None, now: datetime) -> bool:
    """Whether a Task that was asked for then, and isn't there, may still appear: a look shows only what a call has
    brought to its end."""
    return asked_at is not None and now - asked_at < UNDER_WAY


def digest(sent: Mapping[str, str]) -> str:
    """One word for what may be written anew: an event that adds nothing leads to no write."""
    told = {name: value for name, value in sent.items() if name not in ONCE}
    return hashlib.sha256(msgspec.json.encode(told, order="sorted")).hexdigest()
