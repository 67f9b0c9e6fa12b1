"""Verb: pull snapshots, and look again at single records."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from tasks import progress
from tasks.core.errors import UsageError
from tasks.core.model import ALOWARE, Address, Snapshot
from tasks.core.state import State
from tasks.orchestrate import task
from tasks.session import Session


@task
def pull(session: Session, system: str) -> Snapshot:
    """All records of one connected system. Raises UsageError when its credentials belong to another account."""
    connector = session.connector(system)
    connected = session.ledger.connections.all()[system]
    if (account := connector.identify()) != connected.account:
        raise UsageError(
            f"These credentials open another {system} account ({account}) than the connected one "
            f"({connected.account}): correct them, or run `tandem connect {system} --replace`, which starts empty."
        )
    progress.report(f"pull {system}", 0)
    snapshot = connector.pull(session.now())
    progress.report(f"pull {system}", sum(len(frame) for frame in snapshot.frames.values()))
    return snapshot


@task
def last_accepted(session: Session, system: str) -> Snapshot | None:
    """What a paused system looked like when it was last pulled."""
    return session.ledger.snapshots.latest(system)


@task
def look_up(session: Session, snapshot: Snapshot, phones: Sequence[str]) -> Snapshot:
    """`snapshot` of Aloware with the contacts of those numbers as they are at this moment."""
    if not phones:
        return snapshot
    progress.report("look up aloware", 0, len(phones))
    fresh = session.connector(ALOWARE).peek([Address("contacts", "", phone) for phone in phones], session.now())
    progress.report("look up aloware", len(phones), len(phones))
    return overlay(snapshot, fresh)


def overlay(snapshot: Snapshot, fresh: Snapshot) -> Snapshot:
    """The older snapshot with the newer one's records in place of its own."""
    frames = dict(snapshot.frames)
    for name, frame in fresh.frames.items():
        old = frames.get(name)
        if old is not None and len(old):
            frame = pd.concat([old[~old["record_id"].isin(frame["record_id"])], frame], ignore_index=True)
        frames[name] = frame
    return replace(snapshot, frames=frames, schema=snapshot.schema or fresh.schema)


@task
def unseen_numbers(snapshots: Mapping[str, Snapshot], records: pd.DataFrame, state: State) -> list[str]:
    """Numbers to look up in Aloware: all that the CRMs know where no list can be had, else only what may be outdated.

    A contact is outdated when its observation isn't newer than our last write to it, at a second's grain.
    """
    known = records[records["system"] == ALOWARE]
    mentioned = records.loc[records["system"] != ALOWARE, "key"].dropna()
    if snapshots[ALOWARE].frames.get("contacts", pd.DataFrame()).empty:
        return sorted({*mentioned, *state.people["key"].dropna()})
    written = state.receipts["at"].reindex(known.index).dt.floor("s")
    stale = known.loc[written.notna() & (known["as_of"].dt.floor("s") <= written), "key"]
    return sorted(stale.dropna())
