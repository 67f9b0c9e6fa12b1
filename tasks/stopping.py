"""How a process ends. Ctrl-C and SIGTERM: what must not be torn is finished first; whoever can't wait asks again."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import current_thread, main_thread
from types import FrameType
from typing import NoReturn

SIGNALS = (signal.SIGINT, signal.SIGTERM)
CODE = 130
AT_ONCE = b"\nStopped at once. Run the same command again: it first looks how the writes under way have ended.\n"


@dataclass
class _Asked:
    """What this process was asked for; it has one terminal, and so there is one of these."""

    stop: bool = False
    later: bool = False  # something is under way that must not be torn
    hurry: bool = False  # nobody will answer any more

    def hear(self, number: int, frame: FrameType | None) -> None:
        if self.stop:
            os.write(2, AT_ONCE)
            os._exit(CODE)  # threads that wait for an answer would keep us
        self.stop = True
        if not self.later:
            raise KeyboardInterrupt


_asked = _Asked()


@contextmanager
def heeded() -> Iterator[None]:
    """Inside, a signal to stop raises KeyboardInterrupt, or is remembered while something is `unbroken`; a second one
    ends the process."""
    if current_thread() is not main_thread():  # only the main thread hears signals
        yield
        return
    _asked.stop = _asked.later = False
    before = {number: signal.signal(number, _asked.hear) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def unbroken() -> Iterator[None]:
    """What is done inside is done to its end; then ask `wanted`."""
    _asked.later = True
    try:
        yield
    finally:
        _asked.later = False


def hurry() -> None:
    """From now on no thread that waits for an answer keeps a process that has done its work."""
    _asked.hurry = True


def leave(code: int) -> NoReturn:
    """End the process."""
    if _asked.hurry:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def wanted() -> bool:
    """Whether somebody has asked us to stop, and we have not yet."""
    return _asked.stop
