"""Connected systems, and the directions of their scopes: state, so they live here and not in the policy."""

from dataclasses import dataclass
from datetime import datetime

from tasks.core.errors import UsageError
from tasks.core.model import SALESFORCE, SCOPES, SYSTEMS, Direction
from tasks.core.state import Connection
from tasks.ledger import wide
from tasks.ledger.db import Database, Transaction, stamp
from tasks.ledger.people import EVERYBODY, touch


@dataclass(frozen=True)
class Connections:
    database: Database

    def connect(self, system: str, account: str, now: datetime, replace: bool = False) -> None:
        """Start a new generation of that system; its scopes are inbound again, what is known of its records stays.

        Another account than before raises `UsageError`, unless `replace`: then what was known is forgotten.
        """
        _known(system, SYSTEMS, "system")
        with self.database.writing() as transaction:
            before = next((row for row in transaction.rows("select_connections") if row["system"] == system), None)
            if before is not None and before["account"] != account:
                if not replace:
                    raise UsageError(_other_account(system, before["account"], account))
                _forget(transaction, system, now)
            transaction.run("reset_watermark", system=system)
            transaction.run("upsert_connection", system=system, account=account, now=stamp(now))
            scopes = [scope for scope in SCOPES if scope.startswith(f"{system}.")]
            closed = ({"scope": scope, "direction": "inbound", "now": stamp(now)} for scope in scopes)
            transaction.many("upsert_direction", closed)

    def disconnect(self, system: str, now: datetime) -> None:
        self._touch(system, "disconnect", now=stamp(now))

    def pause(self, system: str) -> None:
        self._touch(system, "set_paused", paused=True)

    def resume(self, system: str) -> None:
        self._touch(system, "set_paused", paused=False)

    def _touch(self, system: str, name: str, **values: object) -> None:
        with self.database.writing() as transaction:
            if not transaction.run(name, system=_known(system, SYSTEMS, "system"), **values):
                raise UsageError(f"{system} isn't connected; `tandem connect {system}` connects it")

    def all(self) -> dict[str, Connection]:
        """Every system that was ever connected, by name."""
        with self.database.reading() as transaction:
            rows = transaction.rows("select_connections")
        return {
            row["system"]: Connection(
                system=row["system"],
                account=row["account"],
                generation=row["generation"],
                connected_at=datetime.fromisoformat(row["connected_at"]),
                paused=bool(row["paused"]),
                connected=row["disconnected_at"] is None,
            )
            for row in rows
        }

    def directions(self) -> dict[str, Direction]:
        """Every scope's direction: inbound until somebody said otherwise."""
        with self.database.reading() as transaction:
            known = {row["scope"]: row["direction"] for row in transaction.rows("select_directions")}
        return {scope: known.get(scope, "inbound") for scope in SCOPES}

    def set_direction(self, scope: str, direction: Direction, now: datetime) -> None:
        """Opening a scope that was inbound asks the next run for a rebase; closing it withdraws that."""
        _known(scope, SCOPES, "scope")
        with self.database.writing() as transaction:
            transaction.run("upsert_direction", scope=scope, direction=direction, now=stamp(now))

    def rebasing(self) -> frozenset[str]:
        """Scopes opened since the last completed run."""
        with self.database.reading() as transaction:
            return frozenset(row["scope"] for row in transaction.rows("select_directions") if row["rebase"])

    def rebased(self, planned_at: datetime) -> None:
        """A completed run took into account every scope that was opened before it planned."""
        with self.database.writing() as transaction:
            transaction.run("clear_rebase", planned_at=stamp(planned_at))


def _known(name: str, names: tuple[str, ...], what: str) -> str:
    if name not in names:
        raise UsageError(f"there is no {what} {name!r}: it is one of {', '.join(names)}")
    return name


def _other_account(system: str, before: str, account: str) -> str:
    return (
        f"{system} was connected to account {before}, and these credentials are of {account}; "
        f"`tandem connect {system} --replace` forgets what is known of the old account's records"
    )


def _forget(transaction: Transaction, system: str, now: datetime) -> None:
    """The account is another one: its records' ids mean nothing any more, and its word has gone with it. What was
    decided, history and journal stay."""
    for name in ("forget_links", "forget_bases", "forget_watermark"):
        transaction.run(name, system=system)
    wide.unseat(transaction, system)
    transaction.run("forget_settled", prefix=f"{system}:")
    transaction.run("forget_intents", system=system, now=stamp(now))
    if system == SALESFORCE:
        transaction.run("forget_tasks")
    transaction.run("supersede_unapplied_plans")
    touch(transaction, [EVERYBODY], now)
