"""Verb: pull snapshots, whole or as what changed laid over the last one, and look again at single records."""

from collections.abc import Collection, Iterator, Sequence
from functools import reduce

import pandas as pd

from tasks import progress
from tasks.core import lookups, overlay
from tasks.core.errors import UsageError
from tasks.core.evidence import Evidence
from tasks.core.model import ALOWARE, CRMS, Address, Capability, Snapshot
from tasks.core.plan import Finding
from tasks.core.policy import Policy
from tasks.core.state import State
from tasks.orchestrate import task
from tasks.session import Session

LOST = "its last snapshot is kept: its files are gone or damaged, so that everything is read anew"
LOOK_UPS = 1000  # numbers that are asked for together: each may take a second


@task
def pull(session: Session, system: str, full: bool = False) -> Snapshot:
    """All records of one connected system; read anew if `full`, or where what changed since the last run isn't enough.

    Raises UsageError when its credentials belong to another account.
    """
    connector = session.connector(system)
    connected = session.ledger.connections.all()[system]
    if (account := connector.identify()) != connected.account:
        raise UsageError(
            f"These credentials open another {system} account ({account}) than the connected one "
            f"({connected.account}): correct them, or run `tandem connect {system} --replace`, which starts empty."
        )
    progress.report(f"pull {system}", 0)
    old = None if full else _to_continue(session, system)
    snapshot = connector.pull(session.now(), old.watermark if old else None)
    progress.report(f"pull {system}", sum(len(frame) for frame in snapshot.frames.values()))
    return overlay.lay(old, snapshot) if old else snapshot


def _to_continue(session: Session, system: str) -> Snapshot | None:
    """The last accepted snapshot of a CRM, where what changed since it makes a whole one.

    Not where we may have created a record since without learning its end: what changed comes from a search index, which
    may lag (HubSpot fact sheet, section 2.2), and a record that isn't seen would be created twice.
    """
    old = session.ledger.snapshots.latest(system) if system in CRMS else None
    if old is None or not overlay.continues(old, session.policy.wanted(system)):
        return None
    return None if session.ledger.outbox.creates_in_doubt(system, old.taken_at) else old


@task
def last_accepted(session: Session, system: str) -> Snapshot | None:
    """What a paused system looked like when it was last pulled."""
    return session.ledger.snapshots.latest(system)


@task
def look_again(session: Session, evidence: Evidence, crm: str) -> Snapshot:
    """The snapshot of a CRM after a look by id at what it can't be believed on; see `overlay.in_doubt`."""
    snapshot, state = evidence.snapshots[crm], evidence.state
    elsewhere = sum(n for (system, name), n in state.elsewhere.items() if system == crm and name in snapshot.frames)
    doubtful = overlay.in_doubt(evidence.counting_of(crm), state.links, state.receipts["at"], elsewhere)
    if not doubtful:
        return snapshot
    found = session.connector(crm).peek(list(doubtful.values()), session.now())
    return overlay.looked(snapshot, doubtful, found)


@task
def look_up(
    session: Session, snapshot: Snapshot, records: pd.DataFrame, state: State, phones: Collection[str]
) -> Snapshot:
    """`snapshot` of Aloware with the contacts of those numbers as they are at this moment, and without those that don't
    answer to their number any more. `records` are what it was normalised to."""
    if not phones:
        return snapshot
    found = reduce(overlay.lay, _look_ups(session, [Address("contacts", "", phone) for phone in sorted(phones)]))
    return overlay.looked(snapshot, lookups.silent(phones, records, state, session.policy), found)


def nothing_new(before: Snapshot, after: Snapshot) -> bool:
    """Whether a closer look only confirmed what was seen; see `overlay.alike`."""
    return overlay.alike(before, after)


def _look_ups(session: Session, addresses: Sequence[Address]) -> Iterator[Snapshot]:
    """What answers at those numbers, so many at a time that one hears how far it is."""
    for start in range(0, len(addresses), LOOK_UPS):
        progress.report("look up aloware", start, len(addresses))
        yield session.connector(ALOWARE).peek(addresses[start : start + LOOK_UPS], session.now())
    progress.report("look up aloware", len(addresses), len(addresses))


@task
def unlisted_numbers(snapshot: Snapshot, records: pd.DataFrame, state: State, policy: Policy) -> set[str]:
    """Numbers to look up because Aloware's list can't speak of them; see `lookups.unlisted`."""
    return lookups.unlisted(records, state, policy, snapshot.taken_at)


@task
def blind_spots(session: Session) -> tuple[Finding, ...]:
    """What the systems can't show this run, see `lookups.unseen`; and what we had to do without."""
    lost = tuple(Finding(system, LOST, "warning", 0) for system in session.ledger.snapshots.lost())
    if ALOWARE not in session.active():
        return lost
    return lost + lookups.unseen(Capability.LIST in session.connector(ALOWARE).capabilities)
