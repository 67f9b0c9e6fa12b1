"""Answers of the HubSpot emulator that say no: error bodies as HubSpot words them."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from tasks.sandbox.hubspot.wire import Json

Body = dict[str, Any]

VALIDATION = "VALIDATION_ERROR"


class Refusal(Exception):
    """One refused call, or one refused record of a batch. Fields without a value stay out of the body."""

    def __init__(self, status: int, message: str, category: str | None = None, **extra: Any) -> None:
        super().__init__(message)
        self.status, self.message, self.category, self.extra = status, message, category, extra

    def body(self) -> Body:
        """The body of a whole refused call."""
        named = {"category": self.category} if self.category else {}
        return {"status": "error", "message": self.message, "correlationId": str(uuid4()), **self.extra, **named}

    def part(self, trace: str | None) -> Body:
        """The entry for one record in the `errors` of a 207, found again by its trace id."""
        context = ({"objectWriteTraceId": [trace]} if trace is not None else {}) | self.extra.get("context", {})
        part = {"status": "error", "category": self.category, **self.extra, "message": self.message}
        return part | ({"context": context} if context else {})


class Conflict(Refusal):
    """An e-mail address, or another unique value, that another contact holds already."""

    def __init__(self, holder: str) -> None:
        message = f"Contact already exists. Existing ID: {holder}"
        super().__init__(409, message, "CONFLICT")
        self.holder = holder

    def part(self, trace: str | None) -> Body:
        entry = super().part(trace)
        return entry | {"context": entry.get("context", {}) | {"existingId": [self.holder]}}


def anonymous_conflict() -> Refusal:
    """What a whole batch without trace ids is told: no id (fact sheet, section 3: recorded)."""
    return Refusal(409, "Contact already exists", "CONFLICT")


def rule_broken(names: Sequence[str]) -> Refusal:
    """Values that the admin's rules ask for. HubSpot's wording and codes aren't established."""
    errors = [{"message": f"{name} is required", "context": {"propertyName": [name]}} for name in names]
    return invalid(f"Required properties are missing: [{', '.join(names)}]", errors=errors)


def already_held(portal: int, name: str, value: str, record: str, holder: str) -> Refusal:
    """An update to a value that is taken; the second id is the holder's (fact sheet, section 3: recorded)."""
    where = f"PropertyValueCoordinates{{portalId={portal}, propertyName={name}, value={value}}}"
    return Refusal(400, f"Cannot set {where} on {record}. {holder} already has that value.", VALIDATION)


def invalid(message: str, **extra: Any) -> Refusal:
    return Refusal(400, message, VALIDATION, **extra)


def invalid_values(problems: Sequence[Body]) -> Refusal:
    """Refused property values. `errors` names three at most, however many the message lists (section 3: recorded)."""
    errors = [
        {"message": p["message"], "code": p["error"], "context": {"propertyName": [p["name"]]}} for p in problems[:3]
    ]
    listed = json.dumps(list(problems), separators=(",", ":"))
    return invalid(f"Property values were not valid: {listed}", errors=errors)


def invalid_json(line: int, column: int, problem: str) -> Refusal:
    return Refusal(400, f"Invalid input JSON on line {line}, column {column}: {problem}")


def duplicate_ids(ids: Sequence[str]) -> Refusal:
    return invalid(f"Duplicate IDs found in batch input: [{', '.join(ids)}]. IDs must be unique", context={"ids": ids})


def some_missing(ids: Sequence[str]) -> Body:
    """One group of unknown ids in a 207: however many ids, one error (fact sheet, section 3: recorded)."""
    message = "Could not get some CONTACT objects, they may be deleted or not exist. Check that ids are valid."
    return {"status": "error", "category": "OBJECT_NOT_FOUND", "message": message, "context": {"ids": list(ids)}}


def not_found() -> Refusal:
    return Refusal(404, "resource not found", "OBJECT_NOT_FOUND")


def unknown_object(name: str) -> Refusal:
    return Refusal(400, f"Unable to infer object type from: {name}")


def unauthorised() -> Refusal:
    message = (
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more "
        "details at https://developers.hubspot.com/docs/methods/auth/oauth-overview"
    )
    return Refusal(401, message, "INVALID_AUTHENTICATION")


def locked() -> Refusal:
    """Too much write volume: wait two seconds (fact sheet, section 3: documented, without a body)."""
    return Refusal(423, "This resource is locked. Wait at least 2 seconds before trying again.")


def over_limit(policy: str) -> Refusal:
    """The burst and the daily limit, told apart by `policyName`."""
    period = "daily" if policy == "DAILY" else policy.lower()
    return Refusal(
        429,
        f"You have reached your {period} limit.",
        errorType="RATE_LIMIT",
        policyName=policy,
        requestId=str(uuid4()),
    )


def over_search_limit() -> Refusal:
    """No policy name, no error type, no Retry-After (fact sheet, section 3: recorded)."""
    return Refusal(429, "You have reached your secondly limit.", "RATE_LIMITS")


def answer(refusal: Refusal) -> Response:
    body = refusal.body()
    return Json(body, refusal.status, {"X-HubSpot-Correlation-Id": body["correlationId"]})


def busy(kind: str) -> Response:
    """HubSpot's own words for an overload: `429` (the burst limit) or `503`."""
    if kind == "429":
        return answer(over_limit("TEN_SECONDLY_ROLLING"))
    return answer(Refusal(503, "The service is temporarily unavailable."))


async def on_refusal(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return answer(error)


async def on_unrouted(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return answer(Refusal(error.status_code, "resource not found" if error.status_code == 404 else error.detail))
