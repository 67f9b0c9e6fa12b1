"""Verb: read what the inbox was told. Communications are put together, contacts are remembered for the next look."""

import msgspec

from tasks.core.communications.reading import Heard, read
from tasks.core.phones import e164
from tasks.ledger.inbox import Event
from tasks.orchestrate import task
from tasks.session import Session


@task
def hear(session: Session) -> int:
    """Read every event that nobody has read; gives back how many there were. A run that is killed reads them again,
    which changes nothing."""
    total = 0
    while events := session.ledger.inbox.unread():
        session.ledger.communications.learn([(event.seq, event.at, _said(session, event)) for event in events])
        total += len(events)
    return total


@task
def heard_numbers(session: Session) -> set[str]:
    """Valid numbers of Aloware contacts that something happened to since a run looked: what it was, a look-up tells."""
    told = session.ledger.inbox.contacts_heard()
    return {number for text in told if (number := e164(text, session.policy.phones)) is not None}


def _said(session: Session, event: Event) -> Heard:
    """HubSpot's events only say that something happened there: the next run pulls what changed anyway. Of somebody whom
    we were asked to forget nothing is heard."""
    if event.source != "aloware":
        return Heard(reason=f"{event.source}: a sign that something changed there")
    try:
        post = msgspec.json.decode(event.text)
    except (msgspec.DecodeError, RecursionError):  # how deep is too deep depends on who decodes, and from where
        return Heard(reason="no readable JSON")
    heard = read(post, event.at)
    told = [*heard.numbers, *([heard.communication.number] if heard.communication else [])]
    numbers = [number for text in told if (number := e164(text, session.policy.phones)) is not None]
    return Heard(forgotten=True) if session.suppressed.knows(numbers) else heard
