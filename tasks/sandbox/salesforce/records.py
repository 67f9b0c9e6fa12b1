"""Single records: `/sobjects/X`, `/sobjects/X/{id}` and upsert by a field that identifies (fact sheet, section 5)."""

from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from tasks.sandbox.salesforce import rows
from tasks.sandbox.salesforce.describe import Schema, brief, changed_at, describe, describe_all
from tasks.sandbox.salesforce.errors import Refusal, answer, missing, nothing
from tasks.sandbox.salesforce.fields import Field
from tasks.sandbox.salesforce.ids import is_id, to18
from tasks.sandbox.salesforce.org import fold, indexed, table
from tasks.sandbox.salesforce.query import as_record
from tasks.sandbox.salesforce.web import (
    asked_of,
    body_of,
    check_lock,
    http_date,
    http_moment,
    names_of,
    schema_of,
    version_of,
    world_of,
)
from tasks.sandbox.world import World


async def list_objects(request: Request) -> Response:
    return _described(request, describe_all(world_of(request), version_of(request)))


async def describe_object(request: Request) -> Response:
    return _described(request, describe(world_of(request), schema_of(request), version_of(request)))


def _described(request: Request, body: dict[str, Any]) -> Response:
    """A describe, or a bare 304 where it is no newer than the client's (fact sheet, section 5)."""
    changed = http_date(changed_at(world_of(request)))
    known = http_moment(request.headers.get("if-modified-since"))
    headers = {"Last-Modified": changed}
    if known is not None and known >= parsedate_to_datetime(changed):
        return nothing(304, headers)
    return answer(body, headers=headers)


async def read_object(request: Request) -> Response:
    return answer(brief(schema_of(request), version_of(request)))


async def create(request: Request) -> Response:
    world, found, values = world_of(request), schema_of(request), await body_of(request)
    check_lock(world, request)
    return _created(request, found, rows.create(world, found, values, asked_of(request)), {})


def _created(request: Request, found: Schema, record_id: str, more: dict[str, Any]) -> Response:
    place = f"/services/data/v{version_of(request)}/sobjects/{found.name}/{record_id}"
    return answer({"id": record_id, "success": True, "errors": []} | more, 201, {"Location": place})


async def read(request: Request) -> Response:
    return _shown(request, schema_of(request), request.path_params["id"])


def _shown(request: Request, found: Schema, record_id: str) -> Response:
    row = table(world_of(request), found.name).get(to18(record_id))
    if row is None or row["IsDeleted"]:
        raise missing()
    body = as_record(found.name, row, wanted(found, names_of(request, "fields")), version_of(request))
    if request.query_params.get("fields"):
        body.setdefault("Id", row["Id"])
    return answer(body, headers={"Last-Modified": http_date(row["LastModifiedDate"])})


def wanted(found: Schema, names: Sequence[str]) -> list[Field]:
    """The fields asked for, or all. Raises INVALID_FIELD."""
    for name in names:
        if found.find(name) is None:
            raise Refusal("INVALID_FIELD", f"No such column '{name}' on sobject of type {found.name}", None)
    return [field for name in names if (field := found.find(name))] or list(found.fields)


async def update(request: Request) -> Response:
    world, found, values = world_of(request), schema_of(request), await body_of(request)
    record_id = to18(request.path_params["id"])
    _refuse_named(found, "Id", values)
    check_lock(world, request, record_id)
    rows.update(world, found, record_id, values, asked_of(request))
    return nothing()


async def delete(request: Request) -> Response:
    world, found, record_id = world_of(request), schema_of(request), to18(request.path_params["id"])
    check_lock(world, request, record_id)
    rows.delete(world, found, record_id)
    return nothing()


def _refuse_named(found: Schema, name: str, values: dict[str, Any]) -> None:
    """The field in the address may not stand in the body too."""
    if any(given.lower() == name.lower() for given in values):
        raise Refusal("INVALID_FIELD", f"The {name} field should not be specified in the sobject data.", [name])


def identifying(found: Schema, name: str) -> Field:
    """A field that upserts may go by. Raises the recorded NOT_FOUND."""
    field = found.find(name)
    if field is None or not field.id_lookup:
        message = f"Provided external ID field does not exist or is not accessible: {name}"
        raise Refusal("NOT_FOUND", message, None, 404)
    return field


def matches(world: World, found: Schema, field: Field, value: str) -> list[str]:
    """The living rows whose identifying field has that value, without case."""
    records = table(world, found.name)
    if field.name == "Id":
        ids = [to18(value)] if is_id(value) else []
    elif indexed(found.name, field.name):
        ids = records.find(field.name, fold(value) or "")
    else:
        ids = [row["Id"] for row in records.rows() if fold(row.get(field.name)) == fold(value)]
    return [each for each in ids if (row := records.get(each)) and not row["IsDeleted"]]


async def read_by_field(request: Request) -> Response:
    found, ids = _by_field(request)
    if len(ids) > 1:
        return _several(request, found, ids)
    if not ids:
        raise missing()
    return _shown(request, found, ids[0])


async def upsert(request: Request) -> Response:
    """`PATCH /sobjects/X/Field/value`: 201 created, 200 updated, 300 when several rows match."""
    values = await body_of(request)
    world, (found, ids) = world_of(request), _by_field(request)
    field = identifying(found, request.path_params["field"])
    _refuse_named(found, field.name, values)
    if len(ids) > 1:
        return _several(request, found, ids)
    check_lock(world, request, ids[0] if ids else "")
    if ids:
        rows.update(world, found, ids[0], values, asked_of(request))
        return answer({"id": ids[0], "success": True, "errors": [], "created": False})
    if field.name == "Id" or request.query_params.get("updateOnly", "").lower() == "true":
        raise missing()
    values |= {field.name: request.path_params["value"]}
    record_id = rows.create(world, found, values, asked_of(request))
    return _created(request, found, record_id, {"created": True})


def _by_field(request: Request) -> tuple[Schema, list[str]]:
    found = schema_of(request)
    field = identifying(found, request.path_params["field"])
    return found, matches(world_of(request), found, field, request.path_params["value"])


def _several(request: Request, found: Schema, ids: list[str]) -> Response:
    base = f"/services/data/v{version_of(request)}/sobjects/{found.name}"
    return answer([f"{base}/{record_id}" for record_id in ids], 300)
