"""Hands, HubSpot's language: properties, records, errors and batch answers. Pure functions; no HTTP."""

import re
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

import msgspec

from tasks.connectors.batching import complete
from tasks.connectors.frames import listed, texts
from tasks.connectors.masking import code
from tasks.core.model import CHOICES, EDITED, HUBSPOT, OWNER, Change, Outcome, Property, Receipt, Status, reference

MODIFIED = "lastmodifieddate"  # the contacts' cursor; hs_lastmodifieddate exists and is null (fact sheet, section 2.5)
MERGED = "hs_merged_object_ids"
LEAD_STATUS = "hs_lead_status"
PASSING = frozenset({"INTERNAL_ERROR", "RATE_LIMITS"})  # HubSpot's own trouble with a row, not the row's fault
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


def receipts(batch: Sequence[Change], answer: Mapping[str, Any]) -> list[Receipt]:
    """One receipt per input of a 200, 201 or 207. Inputs without result or error may be tried again: the id of a
    merged-away record can be missing without a word."""
    found: dict[str, Receipt] = {}
    for error in answer.get("errors") or ():
        for change in _blamed(batch, error.get("context") or {}):
            outcome = Outcome.FAILED if error.get("category") in PASSING else Outcome.REFUSED
            found[change.id] = Receipt(change.id, outcome, change.record_id, reason(error))
    open_rows = {change.id: change for change in batch if change.id not in found}
    for result in answer.get("results") or ():
        matched = _answered(open_rows, result)
        if matched is not None:
            found[matched.id] = Receipt(matched.id, Outcome.APPLIED, matched.record_id or str(result["id"]))
            del open_rows[matched.id]
    return complete(batch, found)


def _blamed(batch: Sequence[Change], context: Mapping[str, Any]) -> list[Change]:
    traces, ids = set(context.get("objectWriteTraceId", ())), set(context.get("ids", ()))
    return [change for change in batch if change.id in traces or change.record_id in ids]


def _answered(open_rows: Mapping[str, Change], result: Mapping[str, Any]) -> Change | None:
    """The change that this result answers: by trace id, by record id, else (recorded creates carry no trace id) by the
    values that were sent."""
    trace = result.get("objectWriteTraceId")
    if isinstance(trace, str) and trace in open_rows:
        return open_rows[trace]
    values = result.get("properties") or {}
    for change in open_rows.values():
        if change.record_id is not None:
            if change.record_id == str(result["id"]):
                return change
        elif all(str(values[n]).casefold() == v.casefold() for n, v in change.fields.items() if n in values):
            return change
    return None
