"""Hands, Aloware's language: which fields there are, what they are called when read, and what a refusal says.

Names here are the write names; a few are read under another (fact sheet, section 3). Where the read name isn't
established it is taken to be the write name, and a look-up that doesn't show it is an error: a value that can't be read
back looks like drift for ever.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from tasks.connectors.frames import texts
from tasks.connectors.masking import code, masked
from tasks.core.model import OWNER, Change, Property

CONTACTS = "contacts"
PHONE = "phone_number"
_READ_NAMES = {"city": "cnam_city", "state": "cnam_state", "country": "cnam_country", "lead_source": "contact_source"}
_UNESTABLISHED = frozenset({"zipcode", "address", "website", "notes", "user_id", "lead_source", "date_of_birth"})

FIELDS = {
    field.name: field
    for field in (
        Property(PHONE, "Phone Number", "phone", required=True, updateable=False),  # the key: no call changes it
        Property("first_name", "First Name", "string"),
        Property("last_name", "Last Name", "string"),
        Property("email", "Email", "email"),
        Property("company_name", "Company Name", "string"),
        Property("timezone", "Time Zone", "string"),
        Property("address", "Address", "string"),
        Property("city", "City", "string"),
        Property("state", "State", "string"),
        Property("zipcode", "Zip Code", "string"),
        Property("country", "Country", "string"),
        Property("website", "Website", "url"),
        Property("lead_source", "Lead Source", "string"),
        Property("date_of_birth", "Date of Birth", "date"),
        Property("notes", "Notes", "textarea"),
        Property("csf1", "CSF1", "string"),
        Property("csf2", "CSF2", "string"),
        Property("user_id", "Contact Owner", OWNER),
        Property("disposition_status_id", "Contact Disposition", "status"),
        Property("is_dnc", "Do Not Call", "boolean"),
        Property("is_opted_out", "Opted Out", "boolean", createable=False, updateable=False),  # no form takes it
    )
}


def contact(body: Any) -> Mapping[str, Any] | None:
    """The contact in a look-up's answer: flat, or wrapped as one client has met it (fact sheet, section 1.4)."""
    if isinstance(body, dict) and "id" not in body:
        body = body.get("contact") or body.get("data")
    return body if isinstance(body, dict) and body.get("id") is not None else None


def page_columns(contacts: Sequence[Mapping[str, Any]], properties: Sequence[str]) -> dict[str, list[str | None]]:
    """Looked-up contacts as a list per column. Look-ups say nothing reliable of times, so those stay missing."""
    page = {name: texts(each.get(_READ_NAMES.get(name, name)) for each in contacts) for name in properties}
    return page | {"record_id": texts(each["id"] for each in contacts)}


def unshown(contact: Mapping[str, Any], properties: Sequence[str]) -> Iterator[str]:
    """Properties that ought to be in a look-up's answer and aren't: not even as a null."""
    return (n for n in properties if n in _UNESTABLISHED and _READ_NAMES.get(n, n) not in contact)


def objection(change: Change) -> str:
    """Why this change must not be sent at all, or ""."""
    if change.kind == "archive":
        return "CANNOT_ARCHIVE: Aloware's API deletes no contact"
    if not change.phone:
        return "NO_PHONE: an Aloware contact can't be addressed without a number"
    if unknown := sorted(set(change.fields) - set(FIELDS)):  # above all the fields that start automation
        return f"NOT_A_CONTACT_FIELD ({', '.join(map(code, unknown))})"
    if blank := sorted(name for name, value in change.fields.items() if value == ""):
        return f"CANNOT_CLEAR ({', '.join(blank)})"
    if change.fields.get("is_dnc", "true").lower() not in ("true", "1"):
        return "CONSENT (is_dnc): do-not-call is never lifted"
    return ""


def form(change: Change, token: str) -> dict[str, Any]:
    """The body of a `POST /forms`; `force_update` is explicit, for sources disagree on what happens without it."""
    values: dict[str, Any] = dict(change.fields)
    if "is_dnc" in values:
        values["is_dnc"] = True
    if "date_of_birth" in values:  # as documented; the vendor's own client sends ISO (fact sheet, section 1.3)
        values["date_of_birth"] = date.fromisoformat(values["date_of_birth"]).strftime("%m/%d/%Y")
    return {**values, "api_token": token, PHONE: change.phone, "force_update": True}


def reason(status: int, body: Any) -> str:
    """Why a row was refused, from any of the error shapes (fact sheet, section 1.6): status, fields, masked words."""
    body = body if isinstance(body, dict) else {}
    errors = body.get("errors")
    fields = ", ".join(code(name) for name in errors) if isinstance(errors, dict) else ""
    said = "" if fields else masked(str(body.get("error") or body.get("message") or ""))
    return f"HTTP_{status}{f' ({fields})' if fields else ''}{f': {said}' if said else ''}"
