"""Hands, Salesforce's language: ids, describes, rows and error shapes. Pure functions; no HTTP."""

import re
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

import msgspec

from tasks.connectors.frames import listed, text, texts
from tasks.connectors.masking import code, masked
from tasks.connectors.salesforce_soql import STAMP
from tasks.core.model import CHOICES, OWNER, Property

LEAD = "Lead"
SYSTEM_FIELDS = ("Id", "CreatedDate", "LastModifiedDate", STAMP)
FATE = ("IsDeleted", "MasterRecordId")  # of a record in the recycle bin: that it is there, and what it was merged into
USER, ACCOUNT, TASK = ("Id", "Email"), ("Id", "Name"), ("Id", "CallObject")
ACCOUNT_ID = "AccountId"  # of a Contact
OWNER_ID = "OwnerId"
CONVERSION_FIELDS = ("IsConverted", "ConvertedContactId")
TRANSIENT_CODES = frozenset({"UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "REQUEST_RUNNING_TOO_LONG"})
DELETED = "ENTITY_IS_DELETED"
_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_CHECKS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_PREFIXES = {"Contact": "003", LEAD: "00Q", "Task": "00T"}
_NUMBERS = frozenset({"int", "long", "double", "currency", "percent"})


def to18(record_id: str) -> str:
    """The form of an id that no change of case can confuse; of an id of 15 characters, that is 3 more (fact sheet,
    section 10). Anything else as it is."""
    if len(record_id) != 15:
        return record_id
    capitals = (sum(1 << n for n, c in enumerate(record_id[k : k + 5]) if "A" <= c <= "Z") for k in (0, 5, 10))
    return record_id + "".join(_CHECKS[bits] for bits in capitals)


def is_id(record_id: str, object_name: str) -> bool:
    """Whether it can be the id of such a record: another's, or one with a slip, would have a whole call refused."""
    if not _ID.fullmatch(record_id) or not to18(record_id[:15]).startswith(record_id):
        return False
    return record_id.startswith(_PREFIXES.get(object_name, ""))


def ids(values: Sequence[str | None]) -> list[str | None]:
    """A column of ids in one form."""
    return [value and to18(value) for value in values]


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
    """The envelope of a query's answer. `totalSize` counts all pages."""
    head = [("totalSize", int, 0), ("done", bool, True), ("nextRecordsUrl", str | None, None)]
    return msgspec.defstruct("Page", [*head, ("records", listed(row), [])], gc=False)


def record_list(row: type[msgspec.Struct]) -> Any:
    """The answer to a list of ids."""
    return listed(row | None)


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
        "record_id": ids(page["Id"]),
        "created_at": page["CreatedDate"],
        "modified_at": page["LastModifiedDate"],
    }
    if page.keys() >= set(CONVERSION_FIELDS):
        pairs = zip(page["IsConverted"], ids(page["ConvertedContactId"]), strict=True)
        named["converted_to"] = [contact if converted == "true" else None for converted, contact in pairs]
    return named


def type_of(name: str, known: Mapping[str, Property]) -> str:
    """The type of a column, whether or not the describe shows it."""
    if name in known:
        return known[name].type
    return "datetime" if name.rpartition(".")[2] in SYSTEM_FIELDS[1:] else "string"


def from_csv(values: list[str | None], kind: str) -> list[str | None]:
    """A column of a bulk page as REST would have given it (fact sheet, section 0): times end in +0000, and a number is
    spelt as JSON's is here."""
    if kind == "datetime":
        return [value and re.sub("Z$", "+0000", value) for value in values]
    return [value and _number(value) for value in values] if kind in _NUMBERS else values


def _number(value: str) -> str:
    try:
        return str(text(msgspec.json.decode(value)))
    except msgspec.DecodeError:
        return value


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
