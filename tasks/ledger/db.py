"""The ledger's door to the database: one transaction at a time, statements by name, frames in and out.

SQLite and PostgreSQL get the same statements. Writers on SQLite begin IMMEDIATE: a transaction that reads first and
writes later would otherwise be refused, without waiting, when another writer came between.
"""

import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice, repeat
from pathlib import Path

import pandas as pd
from sqlalchemy import Connection, Engine, RowMapping, TextClause, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DataError, InterfaceError, OperationalError

from tasks.core.errors import SettingsError
from tasks.ledger import bulk
from tasks.ledger.files import make_folder
from tasks.ledger.migrate import migrate
from tasks.ledger.statements import statement

BATCH = 10_000  # rows sent at once: bounds memory, and costs nothing in speed
PATIENCE = 10  # seconds to wait for a lock or a connection

CAUSES = {
    "lock timeout": "another program keeps it locked",
    "locked": "another program keeps it locked",
    "readonly": "it is read-only",
    "read-only": "it is read-only",
    "unable to open": "its file can't be opened",
    "disk": "the disk is full or failing",
    "authentication": "it refused the login",
    "does not exist": "there is no such database or role",
    "permission denied": "its role may not create tables in it",
    "refused": "nothing answers at that address",
    "not known": "there is no such host",
    "resolve": "there is no such host",
    "timeout": "it didn't answer in time",
    "not a database": "the file isn't a database",
}


def stamp(moment: datetime) -> str:
    """A time as the ledger writes it: UTC, microseconds, sortable as text."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _cells(frame: pd.DataFrame) -> dict[str, list[object]]:
    """The frame's columns (and its index, if it has a name) as parameters; missing becomes NULL."""
    table = (frame if frame.index.name is None else frame.reset_index()).astype(object)
    table = table.where(table.notna(), None)
    return {str(name): table[name].tolist() for name in table.columns}


def _block(names: Sequence[str], columns: Sequence[Sequence[str]]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(column, dtype="str") for name, column in zip(names, columns, strict=True)})


class Transaction:
    """Statements of `sql/ledger`, by name, inside one transaction. `parts` fill a wide statement's column lists."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def run(self, name: str, **values: object) -> int:
        """How many rows it touched."""
        return self.connection.execute(statement(name), values).rowcount

    def many(self, name: str, rows: Iterable[Mapping[str, object]], **parts: str) -> None:
        """The same statement for every row: the driver's own executemany, in batches."""
        compiled = statement(name, **parts).compile(dialect=self.connection.dialect)
        names, remaining = compiled.positiontup or [], iter(rows)
        while batch := [tuple(map(row.__getitem__, names)) for row in islice(remaining, BATCH)]:
            self.connection.exec_driver_sql(compiled.string, batch)

    def each(self, name: str, frame: pd.DataFrame, constants: Mapping[str, object] | None = None, **parts: str) -> None:
        """The same statement for each row of a frame, with constants beside it."""
        compiled = statement(name, **parts).compile(dialect=self.connection.dialect)
        for start in range(0, len(frame), BATCH):
            block = frame.iloc[start : start + BATCH]
            columns = _cells(block) | {key: repeat(value, len(block)) for key, value in (constants or {}).items()}
            batch = list(zip(*map(columns.__getitem__, compiled.positiontup or []), strict=True))
            self.connection.exec_driver_sql(compiled.string, batch)

    def rows(self, name: str, **values: object) -> Sequence[RowMapping]:
        return self.connection.execute(statement(name), values).mappings().all()

    def one(self, name: str, **values: object) -> RowMapping | None:
        return self.connection.execute(statement(name), values).mappings().first()

    def frame(self, name: str, values: Mapping[str, object] | None = None, **parts: str) -> pd.DataFrame:
        """What it selects, as a frame of `str` columns."""
        return self._frame(statement(name, **parts), values or {})

    def _frame(self, select: TextClause, values: Mapping[str, object]) -> pd.DataFrame:
        result = self.connection.execute(select, values)
        names = list(result.keys())
        blocks = [_block(names, list(zip(*rows, strict=True))) for rows in result.partitions(BATCH)]
        return pd.concat(blocks or [_block(names, [()] * len(names))], ignore_index=True)

    def want(self, names: Collection[str]) -> None:
        """Name people and records, each once, for statements that are about them alone."""
        self.run("create_wanted")
        self.run("clear_wanted")
        bulk.fill(self.connection, "wanted", names)

    def table(self, name: str, index: str | None = None, only: str = "", **parts: str) -> pd.DataFrame:
        """The same of a statement without parameters, for tables with a row for everybody; with an index, in its
        order. `only` names the statement that picks from it what is wanted."""
        select = statement(name, **parts)
        if only:
            select = statement(only, select=select.text)
        try:
            frame = bulk.table(self.connection, select.text)
        except DataError:  # a column that is longer than a value may be in SQLite: a billion bytes
            frame = self._frame(select, {})
        if index is None:
            return frame
        indexed = frame.set_index(index)
        return indexed if indexed.index.is_monotonic_increasing else indexed.sort_index()


@dataclass(frozen=True)
class Database:
    """An open database, and the home in which the ledger's files live."""

    engine: Engine
    home: Path
    _joined: ContextVar[Transaction | None] = field(default_factory=lambda: ContextVar("joined", default=None))

    @property
    def place(self) -> str:
        """Which kind of database it is, and where; without user or password."""
        names = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
        return f"{names[self.engine.dialect.name]} {_shown(self.engine.url)}"

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        if joined := self._joined.get():
            yield joined
            return
        with self._transaction(self.engine) as transaction:
            yield transaction

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """All of it happens, or none of it."""
        if joined := self._joined.get():
            yield joined
            return
        with self._transaction(self.engine.execution_options(writing=True)) as transaction:
            yield transaction

    @contextmanager
    def together(self) -> Iterator[None]:
        """All that this thread writes until the block ends happens, or none of it."""
        with self.writing() as transaction:
            before = self._joined.set(transaction)
            try:
                yield
            finally:
                self._joined.reset(before)

    @contextmanager
    def _transaction(self, engine: Engine) -> Iterator[Transaction]:
        try:
            with engine.begin() as connection:
                yield Transaction(connection)
        except (OperationalError, InterfaceError) as error:
            raise SettingsError(_unusable(self.engine.url, error)) from error


def open_database(url: str | None, home: Path) -> Database:
    """Open the database, create what is missing, and bring its tables up to date."""
    make_folder(home)
    address = _address(url, home)
    engine = _sqlite(address) if address.get_backend_name() == "sqlite" else _postgresql(address)
    database = Database(engine, home)
    try:
        with database.writing() as transaction:
            migrate(transaction.connection)
            transaction.run("create_wanted")  # a role that may not hears of it now, and not in the middle of a run
    except DatabaseError as error:  # also: not a database at all, a role that may not create tables
        raise SettingsError(_unusable(address, error)) from error
    return database


def _address(url: str | None, home: Path) -> URL:
    if not url:
        return URL.create("sqlite", database=str(home.absolute() / "tandem.db"))
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        raise SettingsError("TANDEM_DATABASE_URL isn't a database address: write postgresql://user@host/name") from None
    match address.drivername.partition("+")[0]:
        case "sqlite" if address.database and address.database != ":memory:":
            return address.set(drivername="sqlite")
        case "postgresql" | "postgres":
            return address.set(drivername="postgresql+psycopg")
    raise SettingsError("TANDEM_DATABASE_URL must name a PostgreSQL database or a SQLite file")


def _sqlite(address: URL) -> Engine:
    _create_private(Path(str(address.database)), address)
    engine = create_engine(address, connect_args={"timeout": PATIENCE}, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _create_private(path: Path, address: URL) -> None:
    """The file must be private from its first moment; SQLite's side files copy its mode. One that is there isn't
    opened: to close it would undo the locks that another connection of this process holds on it."""
    try:
        make_folder(path.parent)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise SettingsError(f"the ledger {_shown(address)} can't be used: {error.strerror}") from None


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: the driver wouldn't before DDL
    connection.execute("PRAGMA journal_mode=WAL")


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _postgresql(address: URL) -> Engine:
    patience = {"connect_timeout": PATIENCE, "application_name": "tandem", "options": _options(address)}
    return create_engine(address, connect_args=patience, pool_pre_ping=True, hide_parameters=True, paramstyle="format")


def _options(address: URL) -> str:
    """What the operator asks of the server, and that it doesn't let us wait for a lock for ever."""
    given = address.query.get("options", "")
    return " ".join(
        [f"-c lock_timeout={int(PATIENCE * 1000)}", *([given] if isinstance(given, str) else given)]
    ).strip()


def _shown(address: URL) -> str:
    """The address without user, password or options: any of them may hold a secret."""
    return f"at {address.host}/{address.database}" if address.host else str(address.database)


def _unusable(address: URL, error: Exception) -> str:
    said = str(error).lower()
    cause = next((cause for sign, cause in CAUSES.items() if sign in said), "it failed in the middle of something")
    return f"the ledger {_shown(address)} can't be used: {cause}; check TANDEM_DATABASE_URL and TANDEM_HOME"
