"""Runs are called for when something was heard: at once, and once until somebody has come."""

from datetime import UTC, datetime, timedelta
from threading import Event

from tasks.inbox.bell import AGAIN, Bell, Span, watched


class Inbox:
    """What waits there, what time it is, and how often somebody was called."""

    def __init__(self) -> None:
        self.waits: Span | None = None
        self.clock = datetime(2026, 11, 22, 12, tzinfo=UTC)
        self.calls = 0
        self.bell = Bell(lambda: self.waits, self._called, lambda: self.clock)

    def _called(self) -> None:
        self.calls += 1

    def calls_after(self, waits: Span | None, later: timedelta = timedelta(seconds=1)) -> int:
        self.waits, self.clock = waits, self.clock + later
        self.bell.look()
        return self.calls


def test_nobody_is_called_for_nothing() -> None:
    assert Inbox().calls_after(None) == 0


def test_one_call_is_for_all_that_arrives_until_somebody_comes() -> None:
    """A run that reads the first event reads the others, too."""
    inbox = Inbox()
    assert [inbox.calls_after((1, last)) for last in (1, 7, 300)] == [1, 1, 1]


def test_what_arrives_after_they_came_is_called_for_anew() -> None:
    """Read up to somewhere behind the last call, or all of it and then new events."""
    inbox = Inbox()
    assert [inbox.calls_after(waits) for waits in ((1, 5), (6, 8), None, (9, 9), (9, 12))] == [1, 2, 2, 3, 3]


def test_whoever_does_not_come_is_called_again() -> None:
    """A call may be lost, and a run may fail."""
    inbox = Inbox()
    assert [inbox.calls_after((1, 5), later) for later in (AGAIN, AGAIN / 2, AGAIN / 2, AGAIN / 2)] == [1, 1, 2, 2]


def test_a_bell_that_fails_goes_on() -> None:
    """Prefect, or the ledger, is away for a moment: it looks again."""
    looked, failing = Event(), iter([ValueError("away")])

    def unread() -> Span | None:
        for error in failing:
            raise error
        looked.set()
        return None

    with watched(Bell(unread, lambda: None, lambda: datetime.now(UTC)), pause=0.001):
        assert looked.wait(10)
