"""What Aloware answers when it refuses, and how it writes times."""

from datetime import UTC, datetime
from typing import Any


class Refused(Exception):
    """A request that the account turns down: the HTTP status and the JSON body that says why."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(status, body)
        self.status, self.body = status, body


def invalid(field: str, sentence: str) -> Refused:
    """A 422 about one field, in the shape that was recorded (fact sheet, section 1.6)."""
    return Refused(422, {"errors": {field: [sentence]}})


def stamp(at: datetime) -> str:
    """How the mirror world remembers a moment: ISO 8601 in UTC."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def utc_text(moment: str | None) -> str | None:
    """A remembered moment as webhooks spell it: UTC without a zone (fact sheet, section 2.3: recorded)."""
    return datetime.fromisoformat(moment).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if moment else None
