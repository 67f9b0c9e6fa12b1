"""Bulk API 2.0 ingest jobs: made, given one CSV, closed, waited for; each row has its fate (fact sheet, section 7.2).

The rows are written when the job is closed, whether or not anybody asks after it; it is seen at work at the first poll.
"""

import csv
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from tasks.sandbox.salesforce import writes
from tasks.sandbox.salesforce.automation import Asked
from tasks.sandbox.salesforce.bulk import (
    ABORTED,
    DONE,
    ENDED,
    FAILED,
    OPEN,
    RUNNING,
    UPLOADED,
    Book,
    Cells,
    Job,
    format_of,
    identity,
    refused,
    wrong_state,
)
from tasks.sandbox.salesforce.describe import Schema, need_schema, schema
from tasks.sandbox.salesforce.errors import Problem, Refusal, answer, locked, missing, nothing
from tasks.sandbox.salesforce.fields import Field
from tasks.sandbox.salesforce.org import stamp
from tasks.sandbox.salesforce.values import stored
from tasks.sandbox.salesforce.web import Handler, body_of, spend, version_of, world_of
from tasks.sandbox.salesforce.writes import Result
from tasks.sandbox.world import World

DAILY_BATCHES, BATCH = 15_000, 10_000
MOST_BYTES = 150_000_000
OPERATIONS = ("insert", "update", "upsert", "delete")
NULL = "#N/A"
_TYPED = ("boolean", "number", "date", "datetime")


@dataclass
class IngestJob(Job):
    """An upload, and what became of its rows."""

    external_id: str = ""
    upload: str | None = None
    header: Cells = ()
    succeeded: list[Cells] = field(default_factory=list)
    failed: list[Cells] = field(default_factory=list)
    unprocessed: list[Cells] = field(default_factory=list)
    outcome: str = DONE

    def brief(self) -> dict[str, Any]:
        return self.head(**({"externalIdFieldName": self.external_id} if self.external_id else {}))

    def shown(self) -> dict[str, Any]:
        processed = len(self.succeeded) + len(self.failed) if self.state in ENDED else 0
        counted = {
            "numberRecordsProcessed": processed,
            "numberRecordsFailed": len(self.failed) if self.state in ENDED else 0,
            "retries": 0,
            "totalProcessingTime": processed,
            "apiActiveProcessingTime": processed,
            "apexProcessingTime": 0,
        }
        trouble = self.trouble() if self.state in ENDED else {}
        return self.brief() | {"jobType": "V2Ingest"} | self.tail() | counted | trouble


def book(request: Request) -> Book[IngestJob]:
    jobs: Book[IngestJob] = request.app.state.ingest_jobs
    return jobs


async def create(request: Request) -> Response:
    world, body = world_of(request), await body_of(request)
    operation = str(body.get("operation"))
    if operation == "hardDelete":
        message = "hardDelete operation requires special user profile permission, please contact your administrator"
        raise Refusal("FEATURENOTENABLED", message, None)
    if operation not in OPERATIONS:
        raise refused(f"operation must be one of {', '.join(OPERATIONS)}")
    found = schema(world, str(body.get("object")))
    if found is None:
        raise Refusal("INVALIDJOB", f"InvalidJob : Unable to find object: {body.get('object')}", None)
    external = _external(found, body) if operation == "upsert" else ""
    job = IngestJob(
        **identity(request),
        operation=operation,
        object=found.name,
        format=format_of(body),
        state=OPEN,
        external_id=external,
    )
    book(request).keep(job)
    place = f"services/data/v{version_of(request)}/jobs/ingest/{job.id}/batches"  # no leading slash (recorded)
    return answer(job.brief() | {"contentUrl": place} | job.tail())


def _external(found: Schema, body: Mapping[str, Any]) -> str:
    """The field that an upsert goes by. Raises Refusal."""
    name = str(body.get("externalIdFieldName") or "")
    known = found.find(name)
    if known is None or not known.id_lookup:
        message = f"Field name provided, {name} does not match an External ID, Salesforce Id, or indexed field for "
        raise Refusal("INVALIDJOB", f"InvalidJob : {message}{found.name}", None)
    return known.name


async def upload(request: Request) -> Response:
    """`PUT .../batches`: the CSV, once."""
    job, sent = book(request).find(request), await request.body()
    if job.state != OPEN or job.upload is not None:
        raise wrong_state(job, "given data")
    if len(sent) > MOST_BYTES:
        raise Refusal("CLIENT_INPUT_ERROR", "The data of a job must be smaller than 150 MB", None)
    job.upload = sent.decode("utf-8-sig", errors="replace")
    return nothing(201)


async def change(request: Request) -> Response:
    """Close the job, so that it is done, or abort it."""
    world, job, body = world_of(request), book(request).find(request), await body_of(request)
    wish = body.get("state")
    if wish == ABORTED and job.state not in ENDED:
        if job.upload is not None and job.state == OPEN:
            with suppress(_Unreadable):
                job.header, job.unprocessed = _columns(job, job.upload)
        job.state = ABORTED
    elif wish == UPLOADED and job.state == OPEN and job.upload is not None:
        _process(world, job, job.upload, request.url.path)
        job.state = UPLOADED
    else:
        raise wrong_state(job, f"set to {wish}")
    job.modified = stamp(world.clock.now())
    return answer(job.brief())


async def poll(request: Request) -> Response:
    job = book(request).find(request)
    if job.state == UPLOADED:
        job.state = RUNNING
    elif job.state == RUNNING:
        job.state = job.outcome
    return answer(job.shown())


async def every(request: Request) -> Response:
    jobs = book(request)
    return jobs.listing(job.brief() | {"jobType": "V2Ingest"} | job.tail() for job in reversed(jobs.jobs.values()))


async def forget(request: Request) -> Response:
    book(request).forget(request)
    return nothing()


async def results(request: Request) -> Response:
    """What became of the rows, by a word that clients write in any case."""
    job, kind = book(request).find(request), request.path_params["kind"].lower()
    first, rows = {
        "successfulresults": (("sf__Id", "sf__Created"), job.succeeded),
        "failedresults": (("sf__Id", "sf__Error"), job.failed),
        "unprocessedrecords": ((), job.unprocessed),
    }.get(kind, ((), None))
    if rows is None:
        raise missing()
    if job.state not in ENDED:
        return nothing(world_of(request).switches.bulk_early_results_status)
    # The vendor's columns are quoted and the client's are bare (recorded); the order of rows is nobody's promise.
    heading = job.format.bare([*(f'"{name}"' for name in first), *job.header])
    return Response(heading + job.format.text(reversed(rows)), media_type="text/csv")


ROUTES: list[tuple[str, str, Handler]] = [
    ("POST", "/jobs/ingest", create),
    ("GET", "/jobs/ingest", every),
    ("GET", "/jobs/ingest/{id}", poll),
    ("PATCH", "/jobs/ingest/{id}", change),
    ("DELETE", "/jobs/ingest/{id}", forget),
    ("PUT", "/jobs/ingest/{id}/batches", upload),
    ("GET", "/jobs/ingest/{id}/{kind}", results),
]


class _Unreadable(Exception):
    """The upload as a whole can't be used: the job fails and no row is touched."""


def _columns(job: IngestJob, text: str) -> tuple[Cells, list[Cells]]:
    """The header of an upload and its rows, as they were written. Raises _Unreadable."""
    end = text.find("\n")
    if end > 0 and (text[end - 1] == "\r") != (job.format.line_ending == "CRLF"):
        ending = job.format.line_ending
        raise _Unreadable(
            f"ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is {ending}"
        )
    try:
        header, *rows = job.format.read(text)
    except (csv.Error, ValueError):
        raise _Unreadable("InvalidBatch : Failed to parse CSV") from None
    if any(len(row) != len(header) for row in rows):
        raise _Unreadable("InvalidBatch : The number of columns differs from the header's")
    return header, list(rows)


def _process(world: World, job: IngestJob, text: str, path: str) -> None:
    """Write every row. The scripted fault `lock` refuses the first, `partial` fails the job after one half."""
    try:
        job.header, rows = _columns(job, text)
        found = need_schema(world, job.object)
        fields = [_known(found, name) for name in job.header]
    except _Unreadable as problem:
        job.error, job.outcome = str(problem), FAILED
        return
    for _ in range(0, len(rows), BATCH):
        spend(world, "bulk_batches", DAILY_BATCHES, "bulk batches")
    blocked = world.faults.take("salesforce", "lock", path)
    if world.faults.take("salesforce", "partial", path):
        half = len(rows) // 2
        rows, job.unprocessed = rows[:half], rows[half:]
        job.error, job.outcome = "InternalServerError : The job was stopped", FAILED
    for place, row in enumerate(rows):
        _settle(world, job, fields, row, blocked and place == 0)


def _known(found: Schema, name: str) -> Field:
    known = found.find(name)
    if known is None:
        raise _Unreadable(f"InvalidBatch : Field name not found : {name}")
    return known


def _settle(world: World, job: IngestJob, fields: list[Field], row: Cells, blocked: bool) -> None:
    """Write one row and note its fate."""
    given = next((cell for known, cell in zip(fields, row, strict=True) if known.name == "Id"), "")
    try:
        if blocked:
            raise locked(given)
        result = _written(world, job, _values(fields, row))
        created = str(result.get("created", job.operation == "insert")).lower()
        job.succeeded.append([result["id"], created, *row])
    except Refusal as refusal:
        job.failed.append([given, _told(refusal.problem), *row])


def _values(fields: list[Field], row: Cells) -> Result:
    """The values of a row: an empty cell says nothing, `#N/A` is a null. Raises Refusal."""
    values: Result = {}
    for column, (known, cell) in enumerate(zip(fields, row, strict=True)):
        if cell == NULL:
            values[known.name] = None
        elif cell:
            values[known.name] = cell
            _check_type(column, known, cell)
    return values


def _check_type(column: int, known: Field, cell: str) -> None:
    """A value of the wrong type is refused in the recorded words."""
    try:
        if known.kind in _TYPED:
            stored(known, cell)
    except Refusal:
        kind = known.describe()["soapType"]
        message = f"Failed to deserialize field at col {column}. Due to, '{cell}' is not a valid value for the type "
        raise Refusal("INVALID_FIELD", message + kind, [known.name]) from None


def _written(world: World, job: IngestJob, values: Result) -> Result:
    found, wish = need_schema(world, job.object), Asked(job.version, assign=False)  # rules are named, or don't apply
    if job.operation == "insert":
        return writes.create(world, found, values, wish)[0]
    if job.operation == "update":
        return writes.update(world, found, values, wish)[0]
    if job.operation == "delete":
        return writes.delete(world, found, str(values.get("Id") or ""))[0]
    key = found.by_name[job.external_id.lower()]
    if values.get(key.name) is None:
        raise Refusal("MISSING_ARGUMENT", f"{key.name} not specified")
    return writes.upsert(world, found, key, values, wish)[0]


def _told(problem: Problem) -> str:
    """`CODE:message:fields --` (recorded)."""
    names = ", ".join(problem.fields or ())
    return f"{problem.code}:{problem.message}:{names} --" if names else f"{problem.code}:{problem.message}:--"
