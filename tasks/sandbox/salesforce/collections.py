"""Up to 200 records in one call: results in request order, each with its own fate (fact sheet, section 6)."""

from collections.abc import Callable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from tasks.sandbox.salesforce import rows
from tasks.sandbox.salesforce.describe import Schema, schema
from tasks.sandbox.salesforce.errors import Problem, Refusal, answer, failed, locked
from tasks.sandbox.salesforce.ids import is_id, to18
from tasks.sandbox.salesforce.org import owner_of, table
from tasks.sandbox.salesforce.query import as_record
from tasks.sandbox.salesforce.records import identifying, matches, wanted
from tasks.sandbox.salesforce.rows import Undo
from tasks.sandbox.salesforce.web import body_of, names_of, schema_of, version_of, world_of
from tasks.sandbox.world import World

MOST_WRITTEN, MOST_READ = 200, 2000
Result = dict[str, Any]
Write = Callable[[Any], tuple[Result, Undo]]  # what one row's write answers, and how to take it back
_ROLLED_BACK = Problem(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
)


async def create(request: Request) -> Response:
    world, body = world_of(request), await body_of(request)

    def write(values: Result) -> tuple[Result, Undo]:
        found = _typed(world, values)
        record_id = rows.create(world, found, values)
        return _done(record_id), rows.undo_create(world, found.name, record_id)

    return _run(request, _records(body), write, _all_or_none(body))


async def update(request: Request) -> Response:
    world, body = world_of(request), await body_of(request)

    def write(values: Result) -> tuple[Result, Undo]:
        found, (record_id, rest) = _typed(world, values), _without_id(values)
        return _update(world, found, record_id, rest)

    return _run(request, _records(body), write, _all_or_none(body))


def _update(world: World, found: Schema, given: str, values: Result) -> tuple[Result, Undo]:
    record_id = _existing(world, found, given)
    undo = rows.undo_of(world, found.name, record_id)
    rows.update(world, found, record_id, values)
    return _done(record_id), undo


async def upsert(request: Request) -> Response:
    world, body, found = world_of(request), await body_of(request), schema_of(request)
    field = identifying(found, request.path_params["field"])

    def write(values: Result) -> tuple[Result, Undo]:
        key = next((value for name, value in values.items() if name.lower() == field.name.lower()), None)
        ids = matches(world, found, field, str(key)) if key is not None else []
        if len(ids) > 1:
            message = f"{field.name}: more than one record found for external id field: [{', '.join(ids)}]"
            raise Refusal("DUPLICATE_EXTERNAL_ID", message)
        rest = _without_id(values)[1] if field.name == "Id" else values
        if ids:
            result, undo = _update(world, found, ids[0], rest)
            return result | {"created": False}, undo
        if field.name == "Id" and key is not None:
            raise Refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        record_id = rows.create(world, found, rest)
        return _done(record_id) | {"created": True}, rows.undo_create(world, found.name, record_id)

    return _run(request, _records(body), write, _all_or_none(body), upserting=True)


async def delete(request: Request) -> Response:
    world = world_of(request)

    def write(given: str) -> tuple[Result, Undo]:
        found = schema(world, owner_of(given) or "")
        if found is None or not is_id(given):
            raise Refusal("MALFORMED_ID", f"malformed id {given}")
        record_id = _existing(world, found, given)
        undo = rows.undo_of(world, found.name, record_id)
        rows.delete(world, found, record_id)
        return _done(record_id), undo

    all_or_none = request.query_params.get("allOrNone", "").lower() == "true"
    return _run(request, names_of(request, "ids"), write, all_or_none)


async def retrieve(request: Request) -> Response:
    """Rows by id, null where there is none: by address, or by body for long lists."""
    found = schema_of(request)
    body = await body_of(request) if request.method == "POST" else {}
    ids = body.get("ids") or names_of(request, "ids")
    names = body.get("fields") or names_of(request, "fields")
    if not ids or not names:
        raise Refusal("MISSING_ARGUMENT", "ids and fields are required", None)
    _check_count(ids, MOST_READ)
    fields, version, records = wanted(found, names), version_of(request), table(world_of(request), found.name)
    shown = [records.get(to18(str(each))) for each in ids]
    living = (row if row is not None and not row["IsDeleted"] else None for row in shown)
    return answer([row and as_record(found.name, row, fields, version) for row in living])


def _run(
    request: Request, records: Sequence[Any], write: Write, all_or_none: bool, *, upserting: bool = False
) -> Response:
    """Write each record, in order; under allOrNone one failure takes everything back."""
    world = world_of(request)
    _check_count(records, MOST_WRITTEN)
    results: list[Result] = []
    undos: list[Undo] = []
    blocked = _blocked(world, request.url.path, len(records))
    for place, record in enumerate(records):
        try:
            if place in blocked:
                raise locked()
            result, undo = write(record)
            undos.append(undo)
        except Refusal as refusal:
            result = refusal.row() | ({"created": False} if upserting else {})
        results.append(result)
    if all_or_none and len(undos) < len(records):
        for undo in reversed(undos):
            undo()
        rolled_back = failed(_ROLLED_BACK) | ({"created": False} if upserting else {})
        results = [rolled_back if result["success"] else result for result in results]
        return answer(results, world.switches.all_or_none_status)
    return answer(results)


def _blocked(world: World, path: str, count: int) -> range:
    """The places that the scripted faults hit: `lock` the first row, `partial` the second half."""
    if world.faults.take("salesforce", "lock", path):
        return range(0, 1)
    return range(count // 2, count) if world.faults.take("salesforce", "partial", path) else range(0)


def _records(body: Result) -> list[Result]:
    records = body.get("records")
    if not records:
        raise Refusal("REQUIRED_FIELD_MISSING", "At least 1 record is required", None)
    if not isinstance(records, list) or not all(isinstance(each, dict) for each in records):
        raise Refusal("JSON_PARSER_ERROR", "records must be a list of objects", None)
    return records


def _check_count(records: Sequence[Any], most: int) -> None:
    if len(records) > most:
        message = f"record limit reached. cannot submit more than {most} records into this call"
        raise Refusal("EXCEEDED_ID_LIMIT", message, None)


def _all_or_none(body: Result) -> bool:
    return body.get("allOrNone") is True


def _typed(world: World, values: Result) -> Schema:
    attributes = values.get("attributes")
    name = attributes.get("type") if isinstance(attributes, dict) else None
    found = schema(world, str(name)) if name else None
    if found is None:
        raise Refusal("INVALID_TYPE", f"sObject type '{name}' is not supported.")
    return found


def _without_id(values: Result) -> tuple[str, Result]:
    """Clients write `id` or `Id`, first or last."""
    given = next((str(value) for name, value in values.items() if name.lower() == "id" and value), "")
    return given, {name: value for name, value in values.items() if name.lower() != "id"}


def _existing(world: World, found: Schema, given: str) -> str:
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


def _done(record_id: str) -> Result:
    return {"id": record_id, "success": True, "errors": []}
