"""What a post to the inbox says: a communication, contacts that something happened to, or nothing for us.

Aloware posts `{"event", "body"}`, Zapier one flat record with keys in Title Case; codes come as numbers or as text, and
the event's name can't be trusted (fact sheet, section 2). Times in webhooks are UTC without saying so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tasks.core.communications.communication import CALL, FINISHED, INBOUND, MESSAGE, OUTBOUND, Communication

TYPES = {"1": CALL, "2": MESSAGE, "call": CALL, "sms": MESSAGE, "mms": MESSAGE}
DIRECTIONS = {"1": INBOUND, "2": OUTBOUND, "inbound": INBOUND, "outbound": OUTBOUND}
AUDIO = (
    "direct_recording_url", "recording_url", "recording", "direct_voicemail_url", "voicemail_url", "voicemail",
)  # fmt: skip
STATUSES = {"1": "in-progress", "3": "missed", "4": "completed", "5": "failed", "7": "invalid"}
AHEAD = timedelta(days=1)  # clocks disagree; more than that is nonsense
LONGEST = 100_000  # characters of one text: an event is no place for a book
LONGEST_ID, LONGEST_LINK = 100, 2_000
LONGEST_CALL = 7 * 86_400  # seconds; what claims to be longer isn't a duration


class Unreadable(ValueError):
    """Why an event says nothing that can be used."""


@dataclass(frozen=True)
class Heard:
    """What one post says. `numbers` are those of contacts that changed; `reason` says why there is nothing in it;
    `forgotten`: it is about somebody whom we were asked to forget."""

    communication: Communication | None = None
    numbers: tuple[str, ...] = ()
    reason: str = ""
    forgotten: bool = False


def read(post: Any, now: datetime) -> Heard:
    """What an Aloware post says (its JSON, decoded). Never raises: what can't be used has a `reason`."""
    if not isinstance(post, Mapping):
        return Heard(reason="not an object")
    if post.get("test_payload"):
        return Heard(reason="a test")
    body = post["body"] if isinstance(post.get("body"), Mapping) else _flat(post)
    inner = body.get("communication")
    body = {**body, **inner} if isinstance(inner, Mapping) else body
    told = body.get("contact")
    contact: Mapping[str, Any] = told if isinstance(told, Mapping) else {}
    if not _is_communication(body):
        number = _text(body, "phone_number") or _text(contact, "phone_number")
        return Heard(numbers=(number,)) if number else Heard(reason="no communication, and no contact with a number")
    try:
        return Heard(communication(body, contact, now))
    except Unreadable as error:
        return Heard(reason=str(error))


def _flat(post: Mapping[str, Any]) -> Mapping[str, Any]:
    """Zapier's record: `Talk Time` → `talk_time`."""
    return {str(key).strip().casefold().replace(" ", "_"): value for key, value in post.items()}


def _is_communication(body: Mapping[str, Any]) -> bool:
    """By what it carries, not by the event's name. A transcription has nothing but an id and the contact."""
    marks = ("communication", "communication_id", "lead_number", "disposition_status", "current_status2", "talk_time")
    return any(mark in body for mark in marks)


def communication(body: Mapping[str, Any], contact: Mapping[str, Any], now: datetime) -> Communication:
    """The call or message that `body` tells of. Raises Unreadable."""
    known = _text(body, "communication_id") or _text(body, "id")
    if not known:
        raise Unreadable("a communication without an id")
    if len(known) > LONGEST_ID:
        raise Unreadable("a communication with an id that is none")
    status = STATUSES.get(_text(body, "disposition_status2"), "")
    return Communication(
        id=known,
        type=TYPES.get(_text(body, "type").casefold(), ""),
        direction=DIRECTIONS.get(_text(body, "direction").casefold(), ""),
        number=_text(body, "lead_number") or _text(body, "contact_number") or _text(contact, "phone_number"),
        contact_id=_text(body, "contact_id") or _text(contact, "id"),
        at=moment(_text(body, "created_at") or _text(body, "started_at"), now),
        status=_status(_text(body, "disposition_status")) or status,
        disposition=_text(body, "call_disposition"),
        talk_time=seconds(_text(body, "talk_time")),
        duration=seconds(_text(body, "duration")),
        body=_text(body, "body"),
        notes=_text(body, "notes"),
        summary=_text(body, "call_summary") or _text(body, "summary"),
        recording=next((link for name in AUDIO if (link := _link(body, name))), ""),
        user=_text(body, "user_id"),
        user_name=_text(body, "user_name"),
        updated_at=moment(_text(body, "updated_at"), now),
    )


def moment(text: str, now: datetime) -> str:
    """A time as ISO 8601 in UTC; "" where there is none. Raises Unreadable for one that is none, or still to come."""
    if not text:
        return ""
    try:
        if text[4:5] != "-":  # Python reads 1711112300 as a day of 1711
            raise ValueError
        at = datetime.fromisoformat(text)
        at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise Unreadable("a time that can't be read") from None
    if at > now + AHEAD:
        raise Unreadable("a time that is still to come")
    return at.isoformat(timespec="seconds")


def seconds(text: str) -> int:
    """A duration: plain seconds, `mm:ss` or `hh:mm:ss` (fact sheet, section 2.4); 0 for anything else."""
    parts = text.split(":")
    if not all(part.isascii() and part.isdigit() for part in parts) or len(parts) > 3 or len(text) > 12:
        return 0
    total = 0
    for part in parts:
        total = total * 60 + int(part)
    return total if total <= LONGEST_CALL else 0


def _status(word: str) -> str:
    plain = word.casefold().replace(" ", "-").replace("_", "-")
    return plain if plain in FINISHED or plain == "in-progress" else ""


def _link(body: Mapping[str, Any], name: str) -> str:
    """An address, whole: some places only say whether there is a recording."""
    text = _text(body, name)
    return text if text.startswith(("https://", "http://")) and len(text) <= LONGEST_LINK else ""


def _text(body: Mapping[str, Any], name: str) -> str:
    """A value as text: codes come as numbers or as text; what is neither says nothing. 1.0 is the number 1: of an id
    it would be another one."""
    value = body.get(name)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if value is None or isinstance(value, bool | Mapping | list):
        return ""
    return str(value).replace("\x00", "").strip()[:LONGEST]
