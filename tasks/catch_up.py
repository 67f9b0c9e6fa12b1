"""Verb: catch up on calls and messages that the inbox didn't hear of: Aloware's communications export lists them.

Webhooks come at most once. Whatever both tell is one communication, by its id, and the latest word counts.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from tasks.connectors.opening import communications_of
from tasks.core.communications.communication import Communication, recent
from tasks.core.communications.export import Line, Listed, listed
from tasks.core.communications.reading import Unreadable
from tasks.core.model import ALOWARE
from tasks.core.phones import e164
from tasks.orchestrate import task
from tasks.session import Session

AT_ONCE = 500  # rows taken in together: the inbox stores nothing meanwhile
SHOWN = 1_000  # rows that can't be used, told one by one; of more there is only a number


@task
def catch_up(session: Session) -> Listed:
    """Take in what the export lists, if there is one: what is as old as may be logged, and of nobody who was forgotten.
    Raises SettingsError or PolicyError for one that can't be used; rows that can't be are told with the reason."""
    told, connected = Listed(), session.ledger.connections.all()[ALOWARE].connected_at
    lines = communications_of(session.connector(ALOWARE), session.now())
    while some := list(islice(lines, AT_ONCE)):
        told = _take(session, some, connected, told)
    return told


def _take(session: Session, lines: Sequence[Line], connected: datetime, told: Listed) -> Listed:
    wanted: list[Communication] = []
    faults: list[tuple[str, str]] = []
    for line in lines:
        try:
            one = listed(line, session.now())
        except Unreadable as error:
            faults.append((f"row {line.number}", str(error)))
            continue
        if recent(one, session.policy.communications.since, connected) and not _forgotten(session, one):
            wanted.append(one)
    return replace(
        told,
        rows=told.rows + len(lines),
        new=told.new + session.ledger.communications.add(wanted, session.now()),
        unusable=told.unusable + len(faults),
        quarantine=(*told.quarantine, *faults[: SHOWN - len(told.quarantine)]),
    )


def _forgotten(session: Session, one: Communication) -> bool:
    number = e164(one.number, session.policy.phones)
    return session.suppressed.knows([number] if number else [])
