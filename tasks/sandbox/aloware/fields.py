"""The fields that a contact can be given: their write names, and how a sent value becomes a kept one."""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

import phonenumbers

from tasks.sandbox.aloware import dispositions, users
from tasks.sandbox.aloware.answers import Refused, invalid
from tasks.sandbox.store import Table
from tasks.sandbox.world import World

TEXTS = (
    "first_name", "last_name", "email", "company_name", "lead_source", "timezone", "city", "state", "zipcode",
    "country", "address", "website", "notes", "csf1", "csf2",
)  # fmt: skip
API = (*TEXTS, "date_of_birth", "is_dnc", "disposition_status_id", "user_id", "tags", "other_phone_numbers")
AGENT = (*API, "is_opted_out", "text_authorized")
BLANK: dict[str, Any] = {
    **dict.fromkeys(AGENT),
    "is_dnc": False,
    "is_opted_out": False,
    "text_authorized": False,
    "tags": [],
    "other_phone_numbers": [],
}

Cleaner = Callable[[World, str, Any], Any]
_YES, _NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")


def phone(value: Any) -> str | None:
    """The number in E.164, read as American where it names no country; None when it is no valid number."""
    try:
        number = phonenumbers.parse(str(value or ""), "US")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def given(sent: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent, less the blanks: the API clears nothing (fact sheet, section 6.3: undocumented)."""
    return {name: value for name, value in sent.items() if not _blank(value)}


def clean(world: World, sent: Mapping[str, Any], allowed: Iterable[str]) -> dict[str, Any]:
    """The sent values of the allowed fields, in the form they are kept; a blank is None. Refuses the impossible."""
    whole = _split_name(sent)
    kept, errors = {}, {}
    for field in allowed:
        if field in whole:
            try:
                cleaner: Cleaner = _CLEANERS.get(field, _text)
                kept[field] = cleaner(world, field, whole[field])
            except Refused as refusal:
                errors.update(refusal.body["errors"])
    if errors:
        raise Refused(422, {"errors": errors})
    return kept


def _blank(value: Any) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def _split_name(sent: Mapping[str, Any]) -> dict[str, Any]:
    """`name` stands for the first and last name that aren't sent themselves."""
    first, _, last = str(sent.get("name") or "").strip().partition(" ")
    named = {key: part.strip() for key, part in (("first_name", first), ("last_name", last)) if part}
    return {**named, **sent}


def _text(world: World, field: str, value: Any) -> str | None:
    if isinstance(value, dict | list):
        raise invalid(field, f"The {_words(field)} must be a string.")
    return str(value).strip() or None if value is not None else None


def _flag(world: World, field: str, value: Any) -> bool:
    word = str(value if value is not None else "").lower()
    if word not in (*_YES, *_NO):
        raise invalid(field, f"The {_words(field)} field must be true or false.")
    return word in _YES


def _date(world: World, field: str, value: Any) -> str | None:
    """The documentation says MM/DD/YYYY, the vendor's own client YYYY-MM-DD (fact sheet, section 1.3): both pass."""
    text = str(value or "").strip()
    for pattern in ("%m/%d/%Y", "%Y-%m-%d"):
        try:
            return date(*time.strptime(text, pattern)[:3]).isoformat() if text else None
        except ValueError:
            continue
    raise invalid(field, f"The {_words(field)} is not a valid date.")


def _one_of(known: Callable[[World], Table]) -> Cleaner:
    def cleaned(world: World, field: str, value: Any) -> int | None:
        if value in (None, ""):
            return None
        if str(value) not in known(world):
            raise invalid(field, f"The selected {_words(field)} is invalid.")
        return int(value)

    return cleaned


def _tags(world: World, field: str, value: Any) -> list[str]:
    names = value if isinstance(value, list) else str(value or "").split(",")
    return [name for name in (str(each).strip() for each in names) if name]


def _other_phones(world: World, field: str, value: Any) -> list[dict[str, str]]:
    """Documented as a list of label and number, sent comma-separated by the vendor's own client."""
    entries = value if isinstance(value, list) else str(value or "").split(",")
    kept = []
    for entry in entries:
        label, raw = (entry.get("label"), entry.get("phone_number")) if isinstance(entry, dict) else (None, entry)
        number = phone(raw)
        if raw and number is None:
            raise invalid(field, f"The {_words(field)} must hold valid phone numbers.")
        if number:
            kept.append({"label": str(label or ""), "phone_number": number})
    return kept


def _words(field: str) -> str:
    return field.replace("_", " ")


_CLEANERS: dict[str, Cleaner] = {
    "is_dnc": _flag,
    "is_opted_out": _flag,
    "text_authorized": _flag,
    "date_of_birth": _date,
    "disposition_status_id": _one_of(dispositions.table),
    "user_id": _one_of(users.table),
    "tags": _tags,
    "other_phone_numbers": _other_phones,
}
