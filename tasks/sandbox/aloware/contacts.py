"""Aloware's contacts: one per phone number, and the two ways of seeing one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tasks.sandbox.aloware import fields
from tasks.sandbox.aloware.answers import Refused, invalid, stamp
from tasks.sandbox.store import Row, Table
from tasks.sandbox.world import World

FIRST_ID = 700_101
COUNTS = ("inbound_call_count", "outbound_call_count", "inbound_sms_count", "outbound_sms_count")
_SAME_NAMES = (
    "first_name", "last_name", "email", "company_name", "timezone", "date_of_birth", "csf1", "csf2", "notes",
    "website", "address", "zipcode", "user_id", "disposition_status_id", "is_dnc", "is_opted_out", "text_authorized",
    "tags", "other_phone_numbers",
)  # fmt: skip


def table(world: World) -> Table:
    rows = world.store.table("aloware.contact")
    rows.index("phone", lambda row: row["phone_number"])
    rows.index("disposition", lambda row: str(row["disposition_status_id"]))
    return rows


def by_phone(world: World, number: str) -> Row | None:
    """The contact whose primary number this is (E.164)."""
    found = table(world).find("phone", number)
    return table(world).get(found[0]) if found else None


def known(world: World, contact: str) -> Row:
    row = table(world).get(contact)
    if row is None:
        raise Refused(404, {"error": "Contact not found."})
    return row


def add(world: World, sent: Mapping[str, Any], at: datetime, allowed: tuple[str, ...] = fields.AGENT) -> Row:
    """A new contact with that phone number; the number must be valid and free."""
    number = _number(sent.get("phone_number"))
    values = fields.clean(world, fields.given(sent), allowed)
    _refuse_taken(world, number)
    row = {"id": world.store.next("aloware.contact", FIRST_ID), "phone_number": number, **fields.BLANK, **values}
    row.update(lead_source_id=_source(world, row["lead_source"]), created_at=stamp(at), updated_at=stamp(at))
    table(world).put(str(row["id"]), row)
    return row


def overwrite(world: World, row: Row, sent: Mapping[str, Any], at: datetime) -> Row:
    """What `POST /forms` with `force_update` does: a value sent replaces, a blank clears nothing."""
    return _save(world, row, fields.clean(world, fields.given(sent), fields.API), at)


def edit(world: World, row: Row, sent: Mapping[str, Any], at: datetime) -> Row:
    """What an agent does on the screen: any field, the number included; a blank erases."""
    stray = sorted(set(sent) - {*fields.AGENT, "phone_number", "name"})
    if stray:
        raise Refused(422, {"errors": {name: [f"An agent can't edit {name}."] for name in stray}})
    values = fields.clean(world, sent, fields.AGENT)
    if "phone_number" in sent:
        values["phone_number"] = _number(sent["phone_number"])
        _refuse_taken(world, values["phone_number"], row["id"])
    return _save(world, row, values, at)


def erase(world: World, row: Row) -> None:
    table(world).remove(str(row["id"]))


def seed(world: World, values: Mapping[str, Any], at: datetime) -> str:
    """Add a contact as if made at that time; gives its id."""
    return str(add(world, values, at)["id"])


def view(row: Row) -> dict[str, Any]:
    """A contact as the look-up and the webhooks show one: read names differ from write names (section 3)."""
    engaged = row.get("engagement", {})
    return {
        "id": row["id"],
        "phone_number": row["phone_number"],
        "name": " ".join(part for part in (row["first_name"], row["last_name"]) if part),
        **{name: row[name] for name in _SAME_NAMES},
        "cnam_city": row["city"],
        "cnam_state": row["state"],
        "cnam_country": row["country"],
        "lead_source_id": row["lead_source_id"],
        "intake_source": row["lead_source"],
        "contact_source": row["lead_source"],
        "text_authorized_at": None,
        "is_blocked": False,
        "sequence_id": None,
        "lrn_type": None,
        **{name: engaged.get(name, 0) for name in COUNTS},
        "nb_communications": sum(engaged.get(name, 0) for name in COUNTS),
        "last_engagement_at": engaged.get("last_engagement_at"),
        "unread_count": 0,
    }


def screen(row: Row) -> dict[str, Any]:
    """A contact as an agent sees it: what the look-up shows and every field under the name it is written by."""
    return {**view(row), **{name: row[name] for name in (*fields.AGENT, "created_at", "updated_at")}}


def _save(world: World, row: Row, values: Row, at: datetime) -> Row:
    """The row with these values; an edit that changes nothing leaves it as it is, its time included."""
    saved = {**row, **values}
    if saved == row:
        return row
    saved.update(lead_source_id=_source(world, saved["lead_source"]), updated_at=stamp(at))
    table(world).put(str(row["id"]), saved)
    return saved


def _number(sent: Any) -> str:
    if not str(sent or "").strip():
        raise invalid("phone_number", "The phone number field is required.")
    number = fields.phone(sent)
    if number is None:
        raise invalid("phone_number", "The phone number is invalid.")
    return number


def _refuse_taken(world: World, number: str, but: int | None = None) -> None:
    holder = by_phone(world, number)
    if holder is not None and holder["id"] != but:
        raise Refused(409, {"error": f"Contact {holder['id']} already has that phone number."})


def _source(world: World, name: str | None) -> int | None:
    """The number under which the account keeps a lead source."""
    if name is None:
        return None
    rows = world.store.table("aloware.lead_source")
    if name not in rows:
        rows.put(name, {"id": len(rows) + 1})
    found = rows.get(name)
    return int(found["id"]) if found else None
