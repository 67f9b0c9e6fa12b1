"""Writing rows: checks in the vendor's order, defaults, derived fields, and the undo of a rolled-back request."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from tasks.sandbox.salesforce.automation import Asked, assigned, mind_duplicates
from tasks.sandbox.salesforce.describe import Schema
from tasks.sandbox.salesforce.errors import Refusal, deleted, missing
from tasks.sandbox.salesforce.fields import Field
from tasks.sandbox.salesforce.ids import new_id, to18
from tasks.sandbox.salesforce.objects import TASK_CLOSED
from tasks.sandbox.salesforce.org import (
    born,
    integration_user,
    owner_of,
    record,
    stamp,
    table,
    touched,
)
from tasks.sandbox.salesforce.values import stored
from tasks.sandbox.store import Row
from tasks.sandbox.world import World

ARCHIVE_DAYS = 365
CONVERTED = "cannot reference converted lead"
Undo = Callable[[], None]


def create(world: World, found: Schema, values: Mapping[str, Any], wish: Asked) -> str:
    """Insert a row as the API's user; gives its id. Raises Refusal."""
    if any(name.lower() == "id" for name in values):
        raise Refusal("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", ["Id"])
    given = _checked(world, found, values, "C")
    _require(found, given)
    mind_duplicates(world, found, given, None, wish)
    user, at = integration_user(world), world.clock.now()
    row = defaults(found, user) | given | assigned(world, found, wish) | born(at, user)
    return insert(world, found.name, row)


def insert(world: World, name: str, row: Row) -> str:
    """Put a new row under a new id, derived fields filled in."""
    record_id = new_id(world.store, Schema(name, ()).prefix)
    table(world, name).put(record_id, derived(world, name, {"Id": record_id} | row))
    return record_id


def update(world: World, found: Schema, record_id: str, values: Mapping[str, Any], wish: Asked) -> None:
    """Change a row as the API's user. Raises Refusal; a row that isn't there is a 404."""
    row = living(world, found, record_id)
    given = _checked(world, found, values, "U")
    if row.get("IsConverted"):
        raise Refusal("CANNOT_UPDATE_CONVERTED_LEAD", CONVERTED)
    _refuse_blanks(found, given)
    mind_duplicates(world, found, given, row["Id"], wish)
    change(world, found.name, row["Id"], given | assigned(world, found, wish), integration_user(world))


def change(world: World, name: str, record_id: str, values: Mapping[str, Any], by: str) -> None:
    """Change a row without checks: for what people and the org itself do."""
    rows = table(world, name)
    row = (rows.get(record_id) or {}) | dict(values) | touched(world.clock.now(), by)
    rows.put(record_id, derived(world, name, row))


def delete(world: World, found: Schema, record_id: str) -> None:
    """Move a row to the recycle bin: queryAll still shows it."""
    rows = table(world, found.name)
    row = rows.get(to18(record_id))
    if row is None or row["IsDeleted"]:
        raise deleted()  # the recorded answer for a row already deleted
    change(world, found.name, row["Id"], {"IsDeleted": True}, integration_user(world))


def living(world: World, found: Schema, record_id: str) -> Row:
    """The row, unless it is missing or deleted: the 404s of a write."""
    row = table(world, found.name).get(to18(record_id))
    if row is None:
        raise missing()
    if row["IsDeleted"]:
        raise deleted()
    return row


def undo_of(world: World, name: str, record_id: str) -> Undo:
    """A call that puts an existing row back to what it is now."""
    rows = table(world, name)
    before = rows.get(record_id) or {}
    return lambda: rows.put(record_id, before)


def undo_create(world: World, name: str, record_id: str) -> Undo:
    """A call that takes a new row away."""
    return lambda: table(world, name).remove(record_id)


def derived(world: World, name: str, row: Row) -> Row:
    """The row with the fields that the org computes."""
    if name in ("Contact", "Lead", "User"):
        row["Name"] = " ".join(part for part in (row.get("FirstName"), row.get("LastName")) if part)
    if name == "Task":
        row["IsClosed"] = row.get("Status") == TASK_CLOSED
        row["IsHighPriority"] = row.get("Priority") == "High"
        row["CompletedDateTime"] = (row.get("CompletedDateTime") or row["SystemModstamp"]) if row["IsClosed"] else None
        row["AccountId"] = _account_of(world, row)
        row["IsArchived"] = bool(row["IsClosed"]) and row["CompletedDateTime"] < _archive_line(world)
    return row


def _archive_line(world: World) -> str:
    """A task closed before this is archived: only queryAll shows it (fact sheet, section 0)."""
    return stamp(world.clock.now() - timedelta(days=ARCHIVE_DAYS))


def _account_of(world: World, task: Row) -> str | None:
    """A task's account is that of what it is about, or of the contact it is with (fact sheet, section 11.1)."""
    what = record(world, task.get("WhatId"))
    if what is not None and owner_of(what["Id"]) == "Account":
        return str(what["Id"])
    who = record(world, task.get("WhoId"))
    return who.get("AccountId") if who is not None else None


def defaults(found: Schema, owner: str) -> Row:
    """What a new row has before anybody says anything."""
    row = {field.name: field.default for field in found.fields if field.default is not None}
    return row | ({"OwnerId": owner} if found.find("OwnerId") else {})


def _checked(world: World, found: Schema, values: Mapping[str, Any], when: str) -> Row:
    """The stored form of what a client sent, or the first refusal."""
    fields = [(_known(found, name), value) for name, value in values.items() if name != "attributes"]
    closed = [field.name for field, _ in fields if when not in field.write]
    if closed:
        message = (
            f"Unable to create/update fields: {', '.join(closed)}. Please check the security settings of this field "
            "and verify that it is read/write for your profile or permission set."
        )
        raise Refusal("INVALID_FIELD_FOR_INSERT_UPDATE", message, closed)
    given = {field.name: stored(field, value) for field, value in fields}
    for field, _ in fields:
        if field.type == "reference" and given[field.name] is not None:
            _refer(world, field, given[field.name])
    return given


def _known(found: Schema, name: str) -> Field:
    field = found.find(name)
    if field is None:
        # The recorded body has no `fields`; the name stands in the message alone.
        raise Refusal("INVALID_FIELD", f"No such column '{name}' on sobject of type {found.name}", None)
    return field


def _refer(world: World, field: Field, record_id: str) -> None:
    if owner_of(record_id) not in field.refers:
        raise Refusal("MALFORMED_ID", f"{field.label}: id value of incorrect type: {record_id}", [field.name])
    target = record(world, record_id)
    if target is None:
        raise Refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    if target.get("IsDeleted"):
        raise Refusal("ENTITY_IS_DELETED", "entity is deleted")
    if target.get("IsConverted"):
        raise Refusal("CANNOT_UPDATE_CONVERTED_LEAD", CONVERTED)


def _require(found: Schema, given: Row) -> None:
    _refuse_missing([field.name for field in found.fields if field.required and given.get(field.name) is None])
    _refuse_blanks(found, given)


def _refuse_blanks(found: Schema, given: Row) -> None:
    blanks = [name for name, value in given.items() if value is None and not found.by_name[name.lower()].nillable]
    _refuse_missing(blanks)


def _refuse_missing(names: list[str]) -> None:
    if names:
        raise Refusal("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(names)}]", names)
