"""One row among many, of a collection or an upload: what its write answers, and how to take it back."""

from typing import Any

from tasks.sandbox.salesforce import rows
from tasks.sandbox.salesforce.automation import Asked
from tasks.sandbox.salesforce.describe import Schema
from tasks.sandbox.salesforce.errors import Refusal
from tasks.sandbox.salesforce.fields import Field
from tasks.sandbox.salesforce.ids import is_id, to18
from tasks.sandbox.salesforce.org import table
from tasks.sandbox.salesforce.records import matches
from tasks.sandbox.salesforce.rows import Undo
from tasks.sandbox.world import World

Result = dict[str, Any]
Written = tuple[Result, Undo]


def create(world: World, found: Schema, values: Result, wish: Asked) -> Written:
    record_id = rows.create(world, found, values, wish)
    return _done(record_id), rows.undo_create(world, found.name, record_id)


def update(world: World, found: Schema, values: Result, wish: Asked) -> Written:
    """Change the row that `values` names by `id` or `Id`."""
    given, rest = without_id(values)
    return _change(world, found, _existing(world, found, given), rest, wish)


def upsert(world: World, found: Schema, field: Field, values: Result, wish: Asked) -> Written:
    """Change the row whose identifying field has the value given, or make one."""
    key = next((value for name, value in values.items() if name.lower() == field.name.lower()), None)
    ids = matches(world, found, field, str(key)) if key is not None else []
    if len(ids) > 1:
        message = f"{field.name}: more than one record found for external id field: [{', '.join(ids)}]"
        raise Refusal("DUPLICATE_EXTERNAL_ID", message)
    rest = without_id(values)[1] if field.name == "Id" else values
    if ids:
        result, undo = _change(world, found, ids[0], rest, wish)
        return result | {"created": False}, undo
    if field.name == "Id" and key is not None:
        raise Refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    result, undo = create(world, found, rest, wish)
    return result | {"created": True}, undo


def delete(world: World, found: Schema, given: str) -> Written:
    record_id = _existing(world, found, given)
    undo = rows.undo_of(world, found.name, record_id)
    rows.delete(world, found, record_id)
    return _done(record_id), undo


def without_id(values: Result) -> tuple[str, Result]:
    """Clients write `id` or `Id`, first or last."""
    given = next((str(value) for name, value in values.items() if name.lower() == "id" and value), "")
    return given, {name: value for name, value in values.items() if name.lower() != "id"}


def _existing(world: World, found: Schema, given: str) -> str:
    """The 18-character id of a living row. Raises what a collection says where there is none."""
    if not given:
        raise Refusal("MISSING_ARGUMENT", "Id not specified in an update call")
    if not is_id(given):
        raise Refusal("MALFORMED_ID", f"{found.name} ID: id value of incorrect type: {given}", ["Id"])
    row = table(world, found.name).get(to18(given))
    if row is None:
        raise Refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    if row["IsDeleted"]:
        raise Refusal("ENTITY_IS_DELETED", "entity is deleted")
    return str(row["Id"])


def _change(world: World, found: Schema, record_id: str, values: Result, wish: Asked) -> Written:
    undo = rows.undo_of(world, found.name, record_id)
    rows.update(world, found, record_id, values, wish)
    return _done(record_id), undo


def _done(record_id: str) -> Result:
    return {"id": record_id, "success": True, "errors": []}
