"""Calls somebody to read what was heard: once for all that arrives until they have come, so that runs don't pile up.

It looks at the ledger, on a thread of its own: whoever posts is answered whether or not anybody can be called.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

PAUSE = 1.0  # seconds between two looks: what arrives in that time is one call
AGAIN = timedelta(minutes=5)  # whoever was called and hasn't come by then is called again

Span = tuple[int, int]  # the first and the last of the unread events, by number


class Bell:
    """`unread` tells what waits (None: nothing), `ring` calls."""

    def __init__(
        self, unread: Callable[[], Span | None], ring: Callable[[], None], now: Callable[[], datetime]
    ) -> None:
        self._unread, self._ring, self._now = unread, ring, now
        self._called: tuple[int, datetime] | None = None  # up to which event, and when

    def look(self) -> None:
        """Call, if something waits for which nobody was called, or was called in vain."""
        span, now = self._unread(), self._now()
        if span is None or self._expects(span[0], now):
            return
        self._called = (span[1], now)
        self._ring()

    def _expects(self, first: int, now: datetime) -> bool:
        """Whether somebody is on the way who will read that event."""
        return self._called is not None and first <= self._called[0] and now - self._called[1] < AGAIN


@contextmanager
def watched(bell: Bell, pause: float = PAUSE) -> Iterator[None]:
    """The bell is at work until the block ends. What goes wrong with it is logged, and tried again later."""
    over = threading.Event()
    thread = threading.Thread(target=_watch, args=(bell, over, pause), name="bell", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(pause)


def _watch(bell: Bell, over: threading.Event, pause: float) -> None:
    while not over.wait(pause):
        try:
            bell.look()
        except Exception as error:
            logging.getLogger(__name__).warning("nobody could be called to read the inbox: %s", error)
