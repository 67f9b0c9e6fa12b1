"""Refusals in the vendor's words, and the bodies of its answers (fact sheet, sections 5, 6 and 9)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.responses import Response

NO_SUCH_RESOURCE = "The requested resource does not exist"
_HEADERS = {"Cache-Control": "no-cache,must-revalidate,max-age=0,no-store,private"}


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer with the headers recorded on data calls."""
    return Response(
        msgspec.json.encode(body), status, {**_HEADERS, **(headers or {})}, media_type="application/json;charset=UTF-8"
    )


def nothing(status: int = 204, headers: Mapping[str, str] | None = None) -> Response:
    """An answer without a body."""
    return Response(status_code=status, headers={**_HEADERS, **(headers or {})})


@dataclass(frozen=True)
class Problem:
    """One error: `fields` is None where the recorded body has no such key."""

    code: str
    message: str
    fields: Sequence[str] | None = ()


class Refusal(Exception):
    """The vendor says no: to a whole request, or to one row of a collection."""

    def __init__(self, code: str, message: str, fields: Sequence[str] | None = (), status: int = 400) -> None:
        super().__init__(message)
        self.problem, self.status = Problem(code, message, fields), status

    def response(self) -> Response:
        """The answer to a single call: a list with one error under `errorCode`."""
        problem = self.problem
        body: dict[str, Any] = {"message": problem.message, "errorCode": problem.code}
        if problem.fields is not None:
            body["fields"] = list(problem.fields)
        return answer([body], self.status)

    def row(self) -> dict[str, Any]:
        """The result of one row in a collection: `statusCode`, and no `id` key at all (recorded)."""
        return failed(self.problem)


def failed(problem: Problem) -> dict[str, Any]:
    error = {"statusCode": problem.code, "message": problem.message, "fields": list(problem.fields or ())}
    return {"success": False, "errors": [error]}


def missing() -> Refusal:
    """A record, object or address that isn't there."""
    return Refusal("NOT_FOUND", NO_SUCH_RESOURCE, None, 404)


def deleted() -> Refusal:
    return Refusal("ENTITY_IS_DELETED", "entity is deleted", (), 404)


def locked(record_id: str = "") -> Refusal:
    """Another transaction holds the row, or its Account: passing, to be tried again."""
    named = f": {record_id}" if record_id else ""
    return Refusal("UNABLE_TO_LOCK_ROW", f"unable to obtain exclusive access to this record or 1 records{named}")


def busy(kind: str) -> Response:
    """What a loaded org answers: `429` for too many calls, `503` for a server that is away."""
    if kind == "503":
        return Refusal("SERVER_UNAVAILABLE", "Server is unavailable", None, 503).response()
    return Refusal("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", None, 429).response()
