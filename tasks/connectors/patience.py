"""Hands, waiting: how long a call, a run and a rate limit make us wait, and when we stop."""

import math
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self

SCARCE = 0.2  # of a burst limit


@dataclass(frozen=True)
class Patience:
    """Seconds: for one answer, for all attempts of one call, and the first and longest pause between attempts."""

    timeout: float = 10.0
    per_call: float = 45.0
    first_wait: float = 0.5
    longest_wait: float = 15.0

    def waits(self) -> Iterator[float]:
        """Pauses that double up to the longest one, each with jitter so that callers don't return in step."""
        wait = self.first_wait
        while True:
            yield wait * random.uniform(0.6, 1.0)
            wait = min(wait * 2, self.longest_wait)


class RunBudget:
    """Seconds that a whole run may lose to retries, over all its systems.

    Calls that wait side by side are counted once: it is the person's time that is limited.
    """

    def __init__(self, seconds: float = 120.0) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._waiting = 0
        self._since = self._spent = 0.0

    def enter(self) -> None:
        with self._lock:
            if self._waiting == 0:
                self._since = time.monotonic()
            self._waiting += 1

    def leave(self) -> None:
        with self._lock:
            self._waiting -= 1
            if self._waiting == 0:
                self._spent += time.monotonic() - self._since

    def left(self) -> float:
        with self._lock:
            running = time.monotonic() - self._since if self._waiting else 0.0
            return self._seconds - self._spent - running


class Turns:
    """The repeats of one piece of work: each after a longer pause, until its own or the run's patience is spent."""

    def __init__(self, patience: Patience, budget: RunBudget) -> None:
        self._until = time.monotonic() + patience.per_call
        self._waits = patience.waits()
        self._budget = budget
        self._counted = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._counted:
            self._budget.leave()

    def again(self, at_least: float = 0.0) -> bool:
        """Wait for the next turn; False, without waiting, when there is none left."""
        if not self._counted:
            self._counted = True
            self._budget.enter()
        pause = max(next(self._waits), at_least)
        if time.monotonic() + pause > self._until or pause > self._budget.left():
            return False
        time.sleep(pause)
        return True


class Pace:
    """A token bucket: at most `per_minute` calls, spread evenly once one second's worth has been used up.

    Where the vendor says how much of a burst limit is left it goes slower: below a fifth, what is left is spread over a
    whole window. By then the calls that filled the window have left it, so that it never runs dry.
    """

    def __init__(self, per_minute: float = math.inf) -> None:
        self._gap = 60.0 / per_minute
        self._burst = 1.0
        self._slow = 0.0
        self._lock = threading.Lock()
        self._next = 0.0

    def heed(self, left: int, most: int, seconds: float) -> None:
        """Take in that `left` of `most` calls within `seconds` are left."""
        with self._lock:
            self._slow = seconds / max(left, 1) if left < most * SCARCE else 0.0

    def wait(self) -> None:
        """Take a token, sleeping until there is one."""
        with self._lock:
            now = time.monotonic()
            saved = 0.0 if self._slow else self._burst
            self._next = max(self._next, now - saved) + max(self._gap, self._slow)
            pause = self._next - now
        if pause > 0:
            time.sleep(pause)
