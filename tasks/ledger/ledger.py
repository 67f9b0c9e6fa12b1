"""The ledger as the verbs see it: one attribute for each thing that it remembers."""

from dataclasses import dataclass
from pathlib import Path

from tasks.ledger.connections import Connections
from tasks.ledger.db import open_database
from tasks.ledger.journal import Journal
from tasks.ledger.lease import Lease
from tasks.ledger.memory import Memory
from tasks.ledger.outbox import Outbox
from tasks.ledger.plans import Plans
from tasks.ledger.runs import Runs
from tasks.ledger.snapshots import Snapshots


@dataclass(frozen=True)
class Ledger:
    """An open ledger. Close it, or use it in a `with`."""

    connections: Connections
    runs: Runs
    snapshots: Snapshots
    memory: Memory
    plans: Plans
    outbox: Outbox
    journal: Journal
    lease: Lease

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
    connections = Connections(database)
    return Ledger(
        connections=connections,
        runs=Runs(database),
        snapshots=Snapshots(database),
        memory=Memory(database, connections),
        plans=Plans(database),
        outbox=Outbox(database),
        journal=Journal(database),
        lease=Lease(database),
    )
