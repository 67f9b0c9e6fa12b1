"""Progress of long work: verbs say how far they are; whoever watches installs a sink."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Sink = Callable[[str, int, int | None], None]  # stage, done, total (None: not known)


def _nobody(stage: str, done: int, total: int | None) -> None:
    """Nobody watches."""


_sink: ContextVar[Sink] = ContextVar("sink", default=_nobody)


@contextmanager
def showing(sink: Sink) -> Iterator[None]:
    """Send progress to `sink`, too, inside the block."""
    others = _sink.get()

    def both(stage: str, done: int, total: int | None) -> None:
        others(stage, done, total)
        sink(stage, done, total)

    token = _sink.set(both)
    try:
        yield
    finally:
        _sink.reset(token)


def report(stage: str, done: int, total: int | None = None) -> None:
    """Say that `stage` has come to `done` of `total`."""
    _sink.get()(stage, done, total)
