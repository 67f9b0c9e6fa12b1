"""Hands, Salesforce's language: SOQL, describes, rows and error shapes. Pure functions; no HTTP."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any
from urllib.parse import quote

import msgspec

from tasks.connectors.frames import listed, texts
from tasks.connectors.masking import code, masked
from tasks.core.model import CHOICES, OWNER, Property

LEAD = "Lead"
SYSTEM_FIELDS = ("Id", "CreatedDate", "LastModifiedDate", "SystemModstamp")
USER, ACCOUNT = ("Id", "Email"), ("Id", "Name")
ACCOUNT_ID = "AccountId"  # of a Contact
CONVERSION_FIELDS = ("IsConverted", "ConvertedContactId")
TRANSIENT_CODES = frozenset({"UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "REQUEST_RUNNING_TOO_LONG"})
_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_NUMBERS = frozenset({"int", "long", "double", "currency", "percent"})


def is_id(record_id: str) -> bool:
    return _ID.fullmatch(record_id) is not None


def quoted(value: str) -> str:
    """A SOQL string literal; a backslash or quote in the value can't end it."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def by_length(names: Sequence[str], most: int) -> Iterator[list[str]]:
    """The names in shares whose literals, as an address spells them, are no longer than that."""
    share: list[str] = []
    length = 0
    for name in names:
        size = len(quote(quoted(name))) + len(quote(", "))
        if share and length + size > most:
            yield share
            share, length = [], 0
        share.append(name)
        length += size
    if share:
        yield share


def soql_time(moment: datetime) -> str:
    """An unquoted SOQL datetime literal, floored to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def select(columns: Sequence[str], object_name: str, where: Sequence[str] = (), order: str = "") -> str:
    condition = f" WHERE {' AND '.join(where)}" if where else ""
    return f"SELECT {', '.join(columns)} FROM {object_name}{condition}{f' ORDER BY {order}' if order else ''}"


def changed_since(since: str, names: Sequence[str]) -> str:
    """A condition on records that changed, or whose related records did: an Account's new name leaves no trace on its
    Contacts."""
    heads = dict.fromkeys(name[: name.find(".") + 1] for name in ("", *names))
    changed = " OR ".join(f"{head}SystemModstamp >= {since}" for head in heads)
    return f"({changed})" if len(heads) > 1 else changed


def columns(object_name: str, properties: Sequence[str]) -> list[str]:
    """What is asked of a record: the properties, and what the snapshot needs beside them."""
    extra = CONVERSION_FIELDS if object_name == LEAD else ()
    return list(dict.fromkeys((*SYSTEM_FIELDS[:1], *properties, *SYSTEM_FIELDS[1:], *extra)))


def row_type(names: Sequence[str]) -> type[msgspec.Struct]:
    """A struct that decodes just these columns; of `Account.Name` it holds `Account`."""
    heads = list(dict.fromkeys(name.partition(".")[0] for name in names))
    fields = [(f"c{i}", Any, None) for i in range(len(heads))]
    return msgspec.defstruct("Row", fields, rename=dict(zip((f[0] for f in fields), heads, strict=True)), gc=False)


def page_type(row: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """The envelope of a query's answer."""
    fields = [("records", listed(row), []), ("done", bool, True), ("nextRecordsUrl", str | None, None)]
    return msgspec.defstruct("Page", fields, gc=False)


def page_columns(rows: Sequence[Any], names: Sequence[str]) -> dict[str, list[str | None]]:
    """Rows of `row_type(names)` as a list per column."""
    heads = list(dict.fromkeys(name.partition(".")[0] for name in names))
    page: dict[str, list[str | None]] = {}
    for name in names:
        head, _, tail = name.partition(".")
        values: Iterable[Any] = map(attrgetter(f"c{heads.index(head)}"), rows)
        if tail:
            values = (value.get(tail) if isinstance(value, dict) else None for value in values)
        page[name] = texts(values)
    return page


def snapshot_columns(page: Mapping[str, list[str | None]]) -> dict[str, list[str | None]]:
    """The same page under the names that a snapshot promises."""
    named = dict(page) | {
        "record_id": page["Id"],
        "created_at": page["CreatedDate"],
        "modified_at": page["LastModifiedDate"],
    }
    if page.keys() >= set(CONVERSION_FIELDS):
        pairs = zip(page["IsConverted"], page["ConvertedContactId"], strict=True)
        named["converted_to"] = [contact if converted == "true" else None for converted, contact in pairs]
    return named


def described(field: Mapping[str, Any]) -> Property:
    """One field of a describe. Required as the recorded describes show it: createable, not nillable, no default."""
    restricted = field.get("restrictedPicklist")
    values = field.get("picklistValues") or ()
    return Property(
        name=field["name"],
        label=field.get("label", ""),
        type=_type(field),
        length=field.get("length") or None,
        createable=bool(field.get("createable")),
        updateable=bool(field.get("updateable")),
        required=bool(field.get("createable")) and not field.get("nillable") and not field.get("defaultedOnCreate"),
        nillable=bool(field.get("nillable")),
        options=tuple(v["value"] for v in values if v.get("active", True)) if restricted else None,
    )


def _type(field: Mapping[str, Any]) -> str:
    """Salesforce's word, except for a choice of several options and for a reference to a user."""
    if field.get("type") == "reference" and "User" in (field.get("referenceTo") or ()):
        return OWNER
    return CHOICES if field.get("type") == "multipicklist" else str(field.get("type", "string"))


def wire_value(value: str, kind: str) -> str | bool | int | float | None:
    """A value as its field's type wants it in JSON: null clears; a value that doesn't fit is left to the vendor."""
    if value == "":
        return None
    if kind == "boolean" and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if kind in _NUMBERS:
        try:
            return int(value) if value.lstrip("-").isdigit() else float(value)
        except ValueError:
            return value
    return value


def error_codes(body: Any) -> list[str]:
    """The codes in an error body: an array of errors, one error, or OAuth's object."""
    errors = body if isinstance(body, list) else [body]
    return [code(e.get("errorCode") or e.get("statusCode") or e.get("error")) for e in errors if isinstance(e, dict)]


def is_results(body: Any) -> bool:
    """Whether a collections answer is an array of row results; sources disagree on whether it comes with 200 or 400."""
    return isinstance(body, list) and all(isinstance(row, dict) and "success" in row for row in body)


def reason(errors: Sequence[Mapping[str, Any]]) -> str:
    """Why a row was refused: codes and field names. Only an admin's own validation message is quoted, masked; the
    vendor's messages repeat the values."""
    return "; ".join(dict.fromkeys(_reason(error) for error in errors)) or "UNKNOWN"


def _reason(error: Mapping[str, Any]) -> str:
    name = code(error.get("statusCode") or error.get("errorCode"))
    fields = ", ".join(code(f) for f in error.get("fields") or ())
    message = f": {masked(str(error.get('message', '')))}" if name == "FIELD_CUSTOM_VALIDATION_EXCEPTION" else ""
    return f"{name}{f' ({fields})' if fields else ''}{message}"
