"""Bulk API 2.0 query jobs: asked for, waited for, read in CSV pages (fact sheet, section 7.1).

A job is `UploadComplete`, then `InProgress` at the first poll, and done at the second: its rows are those of then.
"""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from tasks.sandbox.salesforce.bulk import (
    ABORTED,
    DONE,
    ENDED,
    FAILED,
    RUNNING,
    UPLOADED,
    Book,
    Cells,
    Format,
    Job,
    format_of,
    identity,
    refused,
    same_version,
    wrong_state,
)
from tasks.sandbox.salesforce.errors import Refusal, answer, nothing
from tasks.sandbox.salesforce.fields import Field
from tasks.sandbox.salesforce.org import stamp
from tasks.sandbox.salesforce.predicate import Meaning
from tasks.sandbox.salesforce.query import distinct, object_of, select
from tasks.sandbox.salesforce.web import Handler, body_of, spend, world_of
from tasks.sandbox.soql import Field as Path
from tasks.sandbox.soql import SoqlError, parse
from tasks.sandbox.store import Row
from tasks.sandbox.world import World

DAILY_JOBS = 10_000
PAGE, LARGEST_PAGE = 50_000, 250_000  # rows without and with a wish
_STRING = re.compile(r"'(?:[^'\\]|\\.)*'", re.DOTALL)
# What bulk queries don't do; the first two sentences are the vendor's.
_UNSUPPORTED = {
    r"\(\s*SELECT\b": "Aggregate Relationships not supported in Bulk Query",
    r"\b(COUNT|COUNT_DISTINCT|SUM|AVG|MIN|MAX)\s*\(": "Aggregate functions not supported in Bulk Query",
    r"\bGROUP\s+BY\b": "GROUP BY not supported in Bulk Query",
    r"\bOFFSET\b": "OFFSET not supported in Bulk Query",
    r"\bTYPEOF\b": "TYPEOF not supported in Bulk Query",
}
_COMPOUND = "Selecting compound data not supported in Bulk Query"
Read = Callable[[Row], str]


@dataclass
class QueryJob(Job):
    """A query, and its answer once it has run."""

    query: str = ""
    header: Cells = ()
    reads: list[Read] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        counted = {"numberRecordsProcessed": len(self.rows), "retries": 0, "totalProcessingTime": len(self.rows) // 10}
        return self.head() | {"jobType": "V2Query"} | self.tail() | counted | self.trouble()


def book(request: Request) -> Book[QueryJob]:
    jobs: Book[QueryJob] = request.app.state.query_jobs
    return jobs


async def create(request: Request) -> Response:
    """A query that can't be run is refused here already."""
    world, body = world_of(request), await body_of(request)
    operation, text = body.get("operation"), body.get("query")
    if operation not in ("query", "queryAll"):
        raise refused("operation must be one of query, queryAll")
    if not isinstance(text, str) or not text.strip():
        raise refused("query is required")
    layout = format_of(body)
    try:
        meaning, _, _ = _understand(world, text)
    except SoqlError as error:
        raise Refusal(error.code, error.message, None) from None
    spend(world, "bulk_query_jobs", DAILY_JOBS, "bulk v2 query jobs")
    job = QueryJob(
        **identity(request), operation=operation, object=meaning.schema.name, format=layout, state=UPLOADED, query=text
    )
    book(request).keep(job)
    return answer(job.head() | job.tail())


async def poll(request: Request) -> Response:
    job = book(request).find(request)
    _advance(world_of(request), job)
    return answer(job.shown())


async def every(request: Request) -> Response:
    jobs = book(request)
    return jobs.listing(job.head() | {"jobType": "V2Query"} | job.tail() for job in reversed(jobs.jobs.values()))


async def abort(request: Request) -> Response:
    job, body = book(request).find(request), await body_of(request)
    if body.get("state") != ABORTED:
        raise refused("state must be Aborted")
    if job.state in ENDED:
        raise wrong_state(job, "aborted")
    job.state = ABORTED
    return answer(job.head() | job.tail())


async def forget(request: Request) -> Response:
    book(request).forget(request)
    return nothing()


async def results(request: Request) -> Response:
    """A page of the answer, from `locator` on. Readable again and again."""
    world, job = world_of(request), book(request).find(request)
    same_version(request, job)
    if job.state in (ABORTED, FAILED):
        raise wrong_state(job, "read")
    if job.state != DONE:
        return nothing(world.switches.bulk_early_results_status)
    start, end = _window(request, job)
    path = request.url.path
    if end - start > 1 and world.faults.take("salesforce", "short", path):
        end = start + (end - start) // 2
    rows = [[read(row) for read in job.reads] for row in job.rows[start:end]]
    heading = [job.header] if start == 0 or world.switches.bulk_header_on_every_page else []
    sheet = job.format.text([*heading, *rows])
    if rows and world.faults.take("salesforce", "truncated", path):
        sheet = _cut(sheet, rows, job.format)
    headers = {
        "Sforce-NumberOfRecords": str(len(rows)),
        "Sforce-Locator": _locator(end) if end < len(job.rows) else "null",
    }
    return Response(sheet, headers=headers, media_type="text/csv")


ROUTES: list[tuple[str, str, Handler]] = [
    ("POST", "/jobs/query", create),
    ("GET", "/jobs/query", every),
    ("GET", "/jobs/query/{id}", poll),
    ("PATCH", "/jobs/query/{id}", abort),
    ("DELETE", "/jobs/query/{id}", forget),
    ("GET", "/jobs/query/{id}/results", results),
]


def _understand(world: World, text: str) -> tuple[Meaning, Cells, list[Read]]:
    """What the query means, and its columns: their names and how to read them from a row."""
    plain = _STRING.sub("''", text)
    for pattern, message in _UNSUPPORTED.items():
        if re.search(pattern, plain, re.IGNORECASE):
            raise refused(message)
    query = parse(text)
    meaning = Meaning(world, query, object_of(world, query))
    if query.where is not None:
        meaning.test(query.where)
    meaning.arrange([])
    columns = [_column(meaning, path) for path in distinct(query)]
    return meaning, [name for name, _ in columns], [read for _, read in columns]


def _column(meaning: Meaning, path: Path) -> tuple[str, Read]:
    found, read = meaning.column(path)
    if found.kind == "address":
        raise refused(_COMPOUND)
    relation = path.path.rpartition(".")[0]
    prefix = f"{meaning.schema.by_relationship[relation.lower()].relationship}." if relation else ""
    return prefix + found.name, lambda row: _cell(found, read(row))


def _cell(found: Field, value: Any) -> str:
    """A value as a bulk page writes it: nothing for a null, and times with a `Z`."""
    if found.kind == "boolean":
        return "true" if value else "false"
    if value is None:
        return ""
    return str(value).removesuffix("+0000") + "Z" if found.kind == "datetime" else str(value)


def _advance(world: World, job: QueryJob) -> None:
    """One step on: a job is seen at work once, and is done at the next look."""
    if job.state == UPLOADED:
        job.state = RUNNING
    elif job.state == RUNNING:
        try:
            meaning, job.header, job.reads = _understand(world, job.query)
            job.rows, job.state = select(meaning, deleted=job.operation == "queryAll"), DONE
        except SoqlError as error:  # the org changed under a query that was in order
            job.error, job.state = f"{error.code}: {error.message}", FAILED
        job.modified = stamp(world.clock.now())


def _window(request: Request, job: QueryJob) -> tuple[int, int]:
    """The rows that the page asked for has."""
    wish = request.query_params.get("maxRecords", str(PAGE))
    if not wish.isdecimal() or int(wish) < 1:
        raise refused("maxRecords must be a positive number")
    locator = request.query_params.get("locator")
    start = _position(locator) if locator else 0
    if start > len(job.rows):
        raise _bad_locator()
    return start, min(start + min(int(wish), LARGEST_PAGE), len(job.rows))


def _locator(position: int) -> str:
    return base64.urlsafe_b64encode(str(position).encode()).decode().rstrip("=")


def _position(locator: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(locator + "=" * (-len(locator) % 4)))
    except ValueError:
        raise _bad_locator() from None


def _bad_locator() -> Refusal:
    return Refusal("INVALID_QUERY_LOCATOR", "invalid query locator", None)


def _cut(sheet: str, rows: list[list[str]], layout: Format) -> str:
    """The fault `truncated`: the page ends in the middle of a row."""
    lost = rows[-max(1, len(rows) // 3) :]
    return sheet[: len(sheet) - len(layout.text(lost)) + len(layout.text(lost[:1])) // 2]
