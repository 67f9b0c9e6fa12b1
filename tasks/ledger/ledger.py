"""The ledger as the verbs see it: one attribute for each thing that it remembers."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from tasks.ledger.communications import Communications
from tasks.ledger.connections import Connections
from tasks.ledger.db import open_database
from tasks.ledger.decisions import Decisions
from tasks.ledger.digests import Digests
from tasks.ledger.dossiers import Dossiers
from tasks.ledger.erasure import Erasure
from tasks.ledger.evidence import Evidences
from tasks.ledger.holdings import Archive
from tasks.ledger.inbox import Inbox
from tasks.ledger.journal import Journal
from tasks.ledger.lease import Lease
from tasks.ledger.memory import Memory
from tasks.ledger.outbox import Outbox
from tasks.ledger.people import People
from tasks.ledger.plans import Plans
from tasks.ledger.retention import Retention
from tasks.ledger.runs import Runs
from tasks.ledger.snapshots import Snapshots
from tasks.ledger.suppressions import Suppressions
from tasks.ledger.trends import Trends


@dataclass(frozen=True)
class Ledger:
    """An open ledger. Close it, or use it in a `with`."""

    connections: Connections
    runs: Runs
    snapshots: Snapshots
    memory: Memory
    people: People
    plans: Plans
    decisions: Decisions
    evidence: Evidences
    dossiers: Dossiers
    outbox: Outbox
    journal: Journal
    lease: Lease
    inbox: Inbox
    communications: Communications
    suppressions: Suppressions
    erasure: Erasure
    archive: Archive
    retention: Retention
    trends: Trends
    digests: Digests

    def together(self) -> AbstractContextManager[None]:
        """All that this thread writes until the block ends happens, or none of it."""
        return self.connections.database.together()

    @property
    def place(self) -> str:
        """What kind of database it is kept in, and where."""
        return self.connections.database.place

    def close(self) -> None:
        """Give back the database's connections."""
        self.connections.database.engine.dispose()

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def open_ledger(url: str | None, home: Path) -> Ledger:
    """The ledger at that address, or the file `tandem.db` in the home; created or brought up to date as needed.

    Raises `SettingsError` when the address is wrong, the database can't be used, or a newer Tandem wrote it.
    """
    database = open_database(url, home)
    connections, snapshots = Connections(database), Snapshots(database)
    return Ledger(
        connections=connections,
        runs=Runs(database),
        snapshots=snapshots,
        memory=Memory(database, connections),
        people=People(database),
        plans=Plans(database),
        decisions=Decisions(database),
        evidence=Evidences(database, snapshots),
        dossiers=Dossiers(database),
        outbox=Outbox(database),
        journal=Journal(database),
        lease=Lease(database),
        inbox=Inbox(database),
        communications=Communications(database),
        suppressions=Suppressions(database),
        erasure=Erasure(database),
        archive=Archive(database),
        retention=Retention(database),
        trends=Trends(database),
        digests=Digests(database),
    )
