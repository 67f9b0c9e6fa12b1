"""Calls and messages: one kind of row and one id space for both (fact sheet, section 2.3)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tasks.sandbox.aloware import contacts
from tasks.sandbox.aloware.answers import invalid, stamp, utc_text
from tasks.sandbox.store import Row, Table
from tasks.sandbox.world import World

FIRST_ID = 9_300_001
RING_SECONDS = 8
LINE = {"id": 301, "number": "+12015550100"}
# Fact sheet, section 2.3: the codes that were recorded.
TYPE = {"call": 1, "sms": 2}
DIRECTION = {"inbound": 1, "outbound": 2}
DISPOSITION = {"missed": 3, "completed": 4, "failed": 5}
CLOSED = 9


def table(world: World) -> Table:
    return world.store.table("aloware.communication")


def happen(world: World, sent: Mapping[str, Any]) -> tuple[Row, Row]:
    """A call or message happens to a contact; gives the communication and the contact as it is afterwards.

    A call without `talk_time` is an answered one; a talk time of 0 is a missed (inbound) or failed (outbound) call.
    """
    contact = contacts.known(world, str(sent.get("contact_id")))
    kind, direction = _choice(sent, "type", TYPE), _choice(sent, "direction", DIRECTION)
    talk = _seconds(sent.get("talk_time"))
    started = _moment(world, sent.get("at"))
    number = world.store.next("aloware.communication", FIRST_ID)
    row = {
        "id": number,
        "contact_id": contact["id"],
        "lead_number": contact["phone_number"],
        "type": kind,
        "direction": direction,
        "disposition_status": _outcome(kind, direction, talk),
        "talk_time": talk or 0,
        "duration": (talk or 0) + RING_SECONDS if kind == "call" else 0,
        "body": str(sent.get("body") or ""),
        "notes": str(sent.get("notes") or ""),
        "user_id": contact["user_id"],
        "recording": f"{world.urls.get('aloware', '')}/static/recording/{number}" if talk and kind == "call" else None,
        "at": stamp(started),
    }
    table(world).put(str(number), row)
    return row, _engage(world, contact, row)


def view(row: Row, contact: Row) -> dict[str, Any]:
    """A communication as webhooks carry it: codes beside words, the contact embedded."""
    ended = datetime.fromisoformat(row["at"]) + timedelta(seconds=row["duration"])
    return {
        "id": row["id"],
        "type": TYPE[row["type"]],
        "direction": DIRECTION[row["direction"]],
        "current_status": "closed",
        "current_status2": CLOSED,
        "disposition_status": row["disposition_status"],
        "disposition_status2": DISPOSITION[row["disposition_status"]],
        "talk_time": row["talk_time"],
        "wait_time": row["duration"] - row["talk_time"],
        "hold_time": 0,
        "duration": row["duration"],
        "lead_number": row["lead_number"],
        "incoming_number": LINE["number"],
        "contact_id": row["contact_id"],
        "campaign_id": LINE["id"],
        "user_id": row["user_id"],
        "owner_id": contact["user_id"],
        "body": row["body"],
        "notes": row["notes"],
        "has_recording": row["recording"] is not None,
        "direct_recording_url": row["recording"],
        "created_at": utc_text(row["at"]),
        "updated_at": utc_text(stamp(ended)),
        "contact": contacts.view(contact),
    }


def initiated(body: dict[str, Any]) -> dict[str, Any]:
    """The body as it was when the call began: no outcome yet (fact sheet, section 2.3: recorded)."""
    later = ("current_status", "direct_recording_url", "notes")
    start = {name: value for name, value in body.items() if name not in later}
    pending = {"disposition_status": "in-progress", "disposition_status2": 1, "talk_time": 0, "duration": 0}
    ringing = 2 if body["direction"] == DIRECTION["inbound"] else 1
    return {**start, **pending, "current_status2": ringing, "has_recording": False, "updated_at": body["created_at"]}


def _engage(world: World, contact: Row, row: Row) -> Row:
    counts = dict(contact.get("engagement", {}))
    count = f"{row['direction']}_{row['type']}_count"
    counts[count] = counts.get(count, 0) + 1
    counts["last_engagement_at"] = utc_text(row["at"])
    engaged = {**contact, "engagement": counts}
    contacts.table(world).put(str(contact["id"]), engaged)
    return engaged


def _outcome(kind: str, direction: str, talk: int | None) -> str:
    if kind == "sms" or talk != 0:
        return "completed"
    return "missed" if direction == "inbound" else "failed"


def _choice(sent: Mapping[str, Any], field: str, words: Mapping[str, int]) -> str:
    if sent.get(field) not in words:
        raise invalid(field, f"The {field} must be {' or '.join(words)}.")
    return str(sent[field])


def _seconds(sent: Any) -> int | None:
    if sent is None:
        return None
    if isinstance(sent, bool) or not str(sent).isdigit():
        raise invalid("talk_time", "The talk_time must be a number of seconds.")
    return int(sent)


def _moment(world: World, sent: Any) -> datetime:
    if not sent:
        return world.clock.now()
    try:
        at = datetime.fromisoformat(str(sent))
    except ValueError:
        raise invalid("at", "The at must be an ISO 8601 time.") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
