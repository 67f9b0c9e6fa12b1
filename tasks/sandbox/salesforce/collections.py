"""Up to 200 records in one call: results in request order, each with its own fate (fact sheet, section 6)."""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from tasks.sandbox.salesforce import writes
from tasks.sandbox.salesforce.describe import Schema, schema
from tasks.sandbox.salesforce.errors import Problem, Refusal, answer, failed, locked
from tasks.sandbox.salesforce.ids import is_id, to18
from tasks.sandbox.salesforce.org import owner_of, table
from tasks.sandbox.salesforce.query import as_record
from tasks.sandbox.salesforce.records import identifying, wanted
from tasks.sandbox.salesforce.rows import Undo
from tasks.sandbox.salesforce.web import asked_of, body_of, names_of, schema_of, version_of, world_of
from tasks.sandbox.salesforce.writes import Result, Written
from tasks.sandbox.world import World

MOST_WRITTEN, MOST_READ = 200, 2000
MOST_CHUNKS = 10
Write = Callable[[Any], Written]
_ROLLED_BACK = Problem(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
)


async def create(request: Request) -> Response:
    world, wish, body = world_of(request), asked_of(request), await body_of(request)

    def write(values: Result) -> Written:
        return writes.create(world, _typed(world, values), values, wish)

    return _run(request, _records(body), write, _all_or_none(body))


async def update(request: Request) -> Response:
    world, wish, body = world_of(request), asked_of(request), await body_of(request)

    def write(values: Result) -> Written:
        return writes.update(world, _typed(world, values), values, wish)

    return _run(request, _records(body), write, _all_or_none(body))


async def upsert(request: Request) -> Response:
    world, wish, body, found = world_of(request), asked_of(request), await body_of(request), schema_of(request)
    field = identifying(found, request.path_params["field"])

    def write(values: Result) -> Written:
        return writes.upsert(world, found, field, values, wish)

    return _run(request, _records(body), write, _all_or_none(body), upserting=True)


async def delete(request: Request) -> Response:
    world = world_of(request)

    def write(given: str) -> Written:
        found = schema(world, owner_of(given) or "")
        if found is None or not is_id(given):
            raise Refusal("MALFORMED_ID", f"malformed id {given}")
        return writes.delete(world, found, given)

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
    _check_chunks(records)
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


def _check_chunks(records: Sequence[Any]) -> None:
    """Records of one type that follow each other are a chunk; a call has ten at most."""
    types = [_type(record) for record in records if isinstance(record, dict)]
    if sum(1 for _ in groupby(types)) > MOST_CHUNKS:
        message = f"Limit of {MOST_CHUNKS} chunks of records of one type exceeded"
        raise Refusal("LIMIT_EXCEEDED", message, None)


def _all_or_none(body: Result) -> bool:
    return body.get("allOrNone") is True


def _type(values: Result) -> str | None:
    attributes = values.get("attributes")
    name = attributes.get("type") if isinstance(attributes, dict) else None
    return str(name) if name else None


def _typed(world: World, values: Result) -> Schema:
    name = _type(values)
    found = schema(world, name) if name else None
    if found is None:
        raise Refusal("INVALID_TYPE", f"sObject type '{name}' is not supported.")
    return found
