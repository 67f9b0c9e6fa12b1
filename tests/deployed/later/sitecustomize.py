"""Our clock, eight hours on: every Python that starts with this folder in its PYTHONPATH loads this first."""

from datetime import datetime, timedelta

from tasks.session import Session

LATER = timedelta(hours=8)

_now = Session.now


def _later(session: Session) -> datetime:
    return _now(session) + LATER


Session.now = _later
