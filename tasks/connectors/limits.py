"""Hands, sparing: what a vendor says it has left for us is heeded before it has to refuse."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tasks.connectors.patience import Pace


@dataclass(frozen=True)
class Window:
    """A burst limit: `left` of `most` calls within `seconds`."""

    left: int
    most: int
    seconds: float


@dataclass(frozen=True)
class Allowance:
    """What the headers of one answer say: the burst limit, and the calls left of the day, of how many. None: they say
    nothing."""

    window: Window | None = None
    day: int | None = None
    most: int | None = None


Headers = Mapping[str, str]  # the names' case doesn't matter
Reading = Callable[[Headers], Allowance]


def number(headers: Headers, name: str) -> int | None:
    """The number in that header, if it is there and is one."""
    text = headers.get(name, "")
    return int(text) if text.isdecimal() else None


class Limiter:
    """One system's calls in one run: paced, slower as its burst limit nears, and ended by the day's budget.

    The budget is `share` of the calls that the vendor's first answer says were left of the day; no share, no budget.
    """

    def __init__(
        self,
        reading: Reading = lambda headers: Allowance(),
        share: float | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._reading, self._share, self._pace = reading, share, pace or Pace()
        self._lock = threading.Lock()
        self._left: int | None = None  # of the day, when the run began
        self._made = 0

    def admit(self) -> str:
        """Wait until there may be another call; gives why there may be none in this run, or ""."""
        with self._lock:
            if refusal := self._spent():
                return refusal
            self._made += 1
        self._pace.wait()
        return ""

    def heed(self, headers: Headers) -> Allowance:
        """Take in what an answer says is left, and give it back."""
        allowance = self._reading(headers)
        if allowance.window is not None:
            self._pace.heed(allowance.window.left, allowance.window.most, allowance.window.seconds)
        with self._lock:
            if self._left is None and allowance.day is not None:
                self._left, self._made = allowance.day + 1, 1  # that answer's own call is already taken off
        return allowance

    def _spent(self) -> str:
        if self._share is None or self._left is None:
            return ""
        most = int(self._share * self._left)
        if self._made < most:
            return ""
        return (
            f"isn't asked again in this run, which has made {self._made} calls and may make {most}: {self._share:.0%} "
            f"of the {self._left} that were left of the day's when it began"
        )
