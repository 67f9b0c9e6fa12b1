"""What both kinds of Bulk API 2.0 job share: their book, their stages, and their CSV (fact sheet, section 7)."""

import csv
import io
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from tasks.sandbox.salesforce.errors import Refusal, answer, missing
from tasks.sandbox.salesforce.ids import new_id, to18
from tasks.sandbox.salesforce.org import integration_user, stamp
from tasks.sandbox.salesforce.web import version_of, world_of

OPEN, UPLOADED, RUNNING, DONE = "Open", "UploadComplete", "InProgress", "JobComplete"
ABORTED, FAILED = "Aborted", "Failed"
ENDED = (DONE, ABORTED, FAILED)
KEPT = 100  # jobs remembered of each kind
DELIMITERS = {"COMMA": ",", "TAB": "\t", "PIPE": "|", "SEMICOLON": ";", "CARET": "^", "BACKQUOTE": "`"}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
Cells = Sequence[str]


@dataclass(frozen=True)
class Format:
    """How a job's CSV is written."""

    delimiter: str
    line_ending: str

    def text(self, rows: Iterable[Cells]) -> str:
        """The rows, every value quoted."""
        written = io.StringIO(newline="")
        delimiter, ending = DELIMITERS[self.delimiter], LINE_ENDINGS[self.line_ending]
        csv.writer(written, delimiter=delimiter, lineterminator=ending, quoting=csv.QUOTE_ALL).writerows(rows)
        return written.getvalue()

    def bare(self, names: Cells) -> str:
        """A heading whose names are written as they are."""
        return DELIMITERS[self.delimiter].join(names) + LINE_ENDINGS[self.line_ending]

    def read(self, text: str) -> list[list[str]]:
        """The rows of an upload, empty lines left out."""
        found = csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[self.delimiter], strict=True)
        return [row for row in found if row]


@dataclass
class Job:
    """One job, as far as a query and an upload are alike."""

    id: str
    operation: str
    object: str
    version: str
    created: str
    created_by: str
    format: Format
    state: str
    modified: str
    error: str = ""

    def head(self, **more: str) -> dict[str, Any]:
        """What every answer about a job begins with; `more` stands where uploads name their external id."""
        return {
            "id": self.id,
            "operation": self.operation,
            "object": self.object,
            "createdById": self.created_by,
            "createdDate": self.created,
            "systemModstamp": self.modified,
            "state": self.state,
            **more,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(self.version),
        }

    def tail(self) -> dict[str, Any]:
        return {"lineEnding": self.format.line_ending, "columnDelimiter": self.format.delimiter}

    def trouble(self) -> dict[str, str]:
        return {"errorMessage": self.error} if self.error else {}


AnyJob = TypeVar("AnyJob", bound=Job)


@dataclass
class Book(Generic[AnyJob]):
    """The jobs of one kind, the oldest forgotten first."""

    jobs: OrderedDict[str, AnyJob] = field(default_factory=OrderedDict)

    def keep(self, job: AnyJob) -> None:
        self.jobs[job.id] = job
        while len(self.jobs) > KEPT:
            self.jobs.popitem(last=False)

    def find(self, request: Request) -> AnyJob:
        """The job that the address names, by an id of 15 or 18 characters."""
        job = self.jobs.get(to18(request.path_params["id"]))
        if job is None:
            raise missing()
        return job

    def forget(self, request: Request) -> None:
        """Delete a job, unless it takes data still or is at work."""
        job = self.find(request)
        if job.state in (OPEN, RUNNING):
            raise wrong_state(job, "deleted")
        del self.jobs[job.id]

    def listing(self, shown: Iterable[Mapping[str, Any]]) -> Response:
        return answer({"done": True, "nextRecordsUrl": None, "records": list(shown)})


def identity(request: Request) -> dict[str, Any]:
    """What a new job knows of itself."""
    world = world_of(request)
    now = stamp(world.clock.now())
    return {
        "id": new_id(world.store, "750"),
        "version": version_of(request),
        "created": now,
        "modified": now,
        "created_by": integration_user(world),
    }


def format_of(body: Mapping[str, Any]) -> Format:
    """The CSV that a client asks for. Raises Refusal."""
    for name, known in (("contentType", ["CSV"]), ("columnDelimiter", DELIMITERS), ("lineEnding", LINE_ENDINGS)):
        if body.get(name, next(iter(known))) not in known:
            raise refused(f"{name} must be one of {', '.join(known)}")
    return Format(body.get("columnDelimiter", "COMMA"), body.get("lineEnding", "LF"))


def refused(message: str) -> Refusal:
    """Bulk calls have one code for most of what they don't do."""
    return Refusal("API_ERROR", message, None)


def wrong_state(job: Job, done: str) -> Refusal:
    return Refusal("INVALIDJOBSTATE", f"Job {job.id} is {job.state} and can't be {done}", None)


def same_version(request: Request, job: Job) -> None:
    """Results are read with the version that the job was made with."""
    if version_of(request) != job.version:
        raise Refusal("VERSION_CONFLICT", f"The job was created with API version {job.version}", None, 409)
