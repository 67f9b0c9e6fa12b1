"""Hands, HubSpot's language: properties, records and errors. Pure functions; no HTTP."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

import msgspec

from tasks.connectors.frames import listed, texts
from tasks.connectors.masking import code
from tasks.core.model import CHOICES, EDITED, HUBSPOT, OWNER, Property, Status, reference

MODIFIED = "lastmodifieddate"  # the contacts' cursor; hs_lastmodifieddate exists and is null (fact sheet, section 2.5)
ID = "hs_object_id"
MERGED = "hs_merged_object_ids"
LEAD_STATUS = "hs_lead_status"
OWNER_ID = "hubspot_owner_id"
TYPES = {"contacts": "0-1"}  # what the address of a record calls its object
_EXISTING = re.compile(r"Existing ID: (\d+)")
_HELD_BY = re.compile(r" on \d+\. (\d+) already has that value")
_CODES = re.compile(r'"error"\s*:\s*"([A-Z_]+)"')


def defined(definition: Mapping[str, Any]) -> Property:
    """One property definition. Options that HubSpot keeps elsewhere (owners, for one) are not listed: anything goes."""
    values = [option["value"] for option in definition.get("options") or ()]
    writable = not (definition.get("modificationMetadata") or {}).get("readOnlyValue") and not definition.get(
        "calculated"
    )
    closed = definition.get("type") in ("enumeration", "bool") and not definition.get("externalOptions")
    return Property(
        name=definition["name"],
        label=definition.get("label", ""),
        type=_type(definition),
        createable=bool(writable),
        updateable=bool(writable),
        options=tuple(values) if closed else None,
    )


def _type(definition: Mapping[str, Any]) -> str:
    """HubSpot's word, where it tells enough: a choice of several options, and one of users, go by our own."""
    if definition.get("referencedObjectType") == "OWNER":
        return OWNER
    several = definition.get("type") == "enumeration" and definition.get("fieldType") == "checkbox"
    return CHOICES if several else str(definition.get("type", "string"))


def statuses(options: Sequence[Mapping[str, Any]]) -> list[Status]:
    """Lead Status as HubSpot shows it; displayOrder alone may repeat (fact sheet, section 2.4)."""
    ordered = sorted(options, key=lambda option: option.get("displayOrder", 0))
    return [
        Status(option["value"], option["label"], position, bool(option.get("hidden")))
        for position, option in enumerate(ordered)
    ]


class Entry(msgspec.Struct, gc=False):
    """What a property was from then on."""

    timestamp: str = ""


def record_type(properties: Sequence[str]) -> type[msgspec.Struct]:
    """A struct that decodes a record with just these properties."""
    fields = [(f"p{i}", Any, None) for i in range(len(properties))]
    names = dict(zip((f[0] for f in fields), properties, strict=True))
    held = msgspec.defstruct("Properties", fields, rename=names, gc=False)
    times = [("createdAt", str | None, None), ("updatedAt", str | None, None)]
    more: list[Any] = [("properties", held), *times, ("propertiesWithHistory", dict[str, list[Entry]], {})]
    return msgspec.defstruct("Record", [("id", str), *more], gc=False)


class Next(msgspec.Struct):
    after: str


class Paging(msgspec.Struct):
    next: Next | None = None


def page_type(record: Any) -> type[msgspec.Struct]:
    """The envelope of a list, a search or a batch read."""
    fields: list[Any] = [("results", listed(record), []), ("paging", Paging | None, None)]
    return msgspec.defstruct("Page", fields, gc=False)


OWNERS: "msgspec.json.Decoder[Any]" = msgspec.json.Decoder(page_type(dict[str, Any]))


def following(page: Any) -> str | None:
    """The cursor of the next page; the last page has none, and a short page needn't be the last."""
    return page.paging.next.after if page.paging and page.paging.next else None


def page_columns(records: Sequence[Any], properties: Sequence[str]) -> dict[str, list[str | None]]:
    """Records of `record_type(properties)` as a list per column, under the names that a snapshot promises."""
    page: dict[str, list[str | None]] = {
        name: texts(map(attrgetter(f"properties.p{i}"), records)) for i, name in enumerate(properties)
    }
    page["record_id"] = [record.id for record in records]
    page["created_at"] = [record.createdAt for record in records]
    page["modified_at"] = [record.updatedAt for record in records]
    return page


def edited(records: Sequence[Any], dated: Sequence[str]) -> dict[str, list[str | None]]:
    """When each of those properties got its present value: a column per property, as a snapshot promises."""
    return {
        name + EDITED: [
            max((entry.timestamp for entry in record.propertiesWithHistory.get(name, ())), default=None)
            for record in records
        ]
        for name in dated
    }


def merged(page: Mapping[str, Sequence[str | None]], object_name: str) -> dict[str, str]:
    """Old reference → the record that it lives on in. A merge may have made a new id (fact sheet, section 0)."""
    found = {}
    for record_id, old_ids in zip(page["record_id"], page.get(MERGED, ()), strict=False):
        for old in filter(None, (old_ids or "").split(";")):
            if old != record_id:
                found[reference(HUBSPOT, object_name, old)] = reference(HUBSPOT, object_name, str(record_id))
    return found


def moments(page: Mapping[str, Sequence[str | None]]) -> list[datetime]:
    """When the records of a page changed last. Recent answers tell some times as epoch milliseconds (fact sheet,
    section 2.1)."""
    return [_moment(text) for text in (page.get(MODIFIED) or page.get("modified_at") or ()) if text]


def _moment(text: str) -> datetime:
    if text.isdecimal():
        return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(text))
    return datetime.fromisoformat(text).astimezone(UTC)


def reason(body: Any) -> str:
    """Why HubSpot said no: category, codes, property names and ids. Its messages repeat the values, and `errors` may
    list fewer failures than there are (fact sheet, section 3)."""
    error = body if isinstance(body, dict) else {}
    message = str(error.get("message", ""))
    details = [e for e in error.get("errors") or () if isinstance(e, dict)]
    names = [name for e in details for name in (e.get("context") or {}).get("propertyName", ())]
    codes = [code(e["code"]) for e in details if e.get("code")] or _CODES.findall(message)
    holder = (error.get("context") or {}).get("existingId") or _EXISTING.findall(message) or _HELD_BY.findall(message)
    parts = [code(error.get("category") or "REFUSED"), *dict.fromkeys(codes)]
    fields = ", ".join(dict.fromkeys(code(name) for name in names))
    held = f": the value belongs to {code(holder[0])}" if holder else ""
    return f"{' '.join(parts)}{f' ({fields})' if fields else ''}{held}"
