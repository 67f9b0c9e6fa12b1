"""Hands, feeling the pulse: what a system's answers tell of the system, beside what it was asked."""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from tasks.connectors.limits import Allowance, Headers


@dataclass(frozen=True)
class Vitals:
    """Calls `left` of the day's `most`, how far its clock is `ahead` of ours (a header tells whole seconds), and the
    mean `seconds` that an answer took. None: no answer has said so."""

    left: int | None = None
    most: int | None = None
    ahead: timedelta | None = None
    seconds: float | None = None


class Pulse:
    """Takes in every answer of one system; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._allowance = Allowance()
        self._ahead: timedelta | None = None
        self._answers, self._seconds = 0, 0.0

    def feel(self, headers: Headers, seconds: float, allowance: Allowance) -> None:
        """An answer that came just now, after so many seconds, and what its headers say is left."""
        said = moment(headers.get("Date", ""))
        with self._lock:
            self._answers += 1
            self._seconds += seconds
            self._ahead = said - datetime.now(UTC) if said else self._ahead
            self._allowance = allowance if allowance.day is not None else self._allowance

    @property
    def vitals(self) -> Vitals:
        with self._lock:
            seconds = self._seconds / self._answers if self._answers else None
            return Vitals(self._allowance.day, self._allowance.most, self._ahead, seconds)


def moment(text: str) -> datetime | None:
    """A date of a header; None where it is none."""
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
