"""The ledger: what a run starts from, and what it learns of edits and of people, beside ADBC and the driver alone."""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import adbc_driver_postgresql.dbapi
import adbc_driver_sqlite.dbapi
import pandas as pd
import psycopg
from adbc_driver_manager import dbapi

from tasks.core.state import Advance, State, empty
from tasks.ledger import Ledger, open_ledger
from tests.bench.crowd_home import apart
from tests.bench.crowd_world import CrowdWorld, crowd_policy
from tests.bench.measuring import Row, Stage, heaviest, measured
from tests.unit.ledgers import create_database

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DELTA = 10_000  # rows that edits change, in all tables together; people who are new
AT_ONCE = {"adbc.sqlite.query.batch_rows": str(10**7)}  # the driver takes a column's type from the first batch
TABLES = ("links", "people", "golden", "bases", "numbers")


def rows(world: CrowdWorld) -> Iterator[Row]:
    """Loading all of it, then learning a delta: on SQLite, and on PostgreSQL; in processes that hold nothing else."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        home, address = Path(folder), create_database()  # on a server on this machine
        for where in (None, address):
            taught_once(world, where, home)
        yield from apart(on_sqlite, home)
        yield from apart(on_postgresql, home, address)


def on_sqlite(home: Path) -> list[Row]:
    """ADBC brings its own SQLite, which must not open the ledger in this process: it reads a copy."""
    copy = Path(shutil.copy(home / "tandem.db", home / "copy.db"))

    def read() -> list[pd.DataFrame]:
        with adbc_driver_sqlite.dbapi.connect(f"file:{copy}?mode=ro") as connection:
            return fetched(connection, AT_ONCE)

    def upsert(bases: pd.DataFrame) -> None:
        with sqlite3.connect(home / "tandem.db") as connection:
            connection.executemany(upserting(bases, "?"), addressed(bases))

    return list(compared(None, home, "SQLite", read, upsert))


def on_postgresql(home: Path, address: str) -> list[Row]:
    plain = address.replace("postgresql+psycopg", "postgresql", 1)

    def read() -> list[pd.DataFrame]:
        with adbc_driver_postgresql.dbapi.connect(plain) as connection:
            return fetched(connection, {})

    def upsert(bases: pd.DataFrame) -> None:
        with psycopg.connect(plain) as connection, connection.cursor() as cursor:
            cursor.executemany(upserting(bases, "%s").encode(), addressed(bases))

    return list(compared(address, home, "PostgreSQL", read, upsert))


def compared(
    address: str | None,
    home: Path,
    where: str,
    read: Callable[[], object],
    upsert: Callable[[pd.DataFrame], None],
) -> Iterator[Row]:
    """Both stages on one database, each beside what does no more than move the rows."""
    fields = list(crowd_policy().fields)
    with open_ledger(address, home) as ledger:
        known = ledger.memory.state(fields)
        edits, people_more = edited(known, DELTA), learned_of(some(known, DELTA))
        people = len(known.people)
        del known
        load = Stage(f"ledger on {where}: load", lambda: ledger.memory.state(fields))
        anchor, row = measured(people, [load], [Stage(f"ADBC on {where}: read the tables", read)])
        yield from (anchor, row, *heaviest(row, load))
        learn = Stage(f"ledger on {where}: learn a delta", lambda: taught(ledger, edits))
        plain = Stage(f"driver on {where}: upsert its bases", lambda: upsert(edits.bases))
        yield from measured(len(edits.bases) + len(edits.golden), [learn], [plain])
        learn = Stage(f"ledger on {where}: learn of people", lambda: taught(ledger, people_more))
        plain = Stage(f"driver on {where}: upsert their bases", lambda: upsert(people_more.bases))
        yield from measured(min(people, DELTA), [learn], [plain])


def taught_once(world: CrowdWorld, address: str | None, home: Path) -> None:
    """A new ledger that knows the crowd; closed, so that all of it is in its file."""
    with open_ledger(address, home) as ledger:
        taught(ledger, learned_of(world.known))


def learned_of(state: State) -> Advance:
    """All of that as if a plan had taught it."""
    numbers = state.numbers.rename(columns={"since": "at"}).assign(turn="begins").drop(columns="until")
    bases = state.bases.assign(person=state.links["person"].reindex(state.bases.index))
    return Advance(
        state.links,
        state.people,
        state.golden,
        bases,
        empty(("ref", "field", "golden", "value", "reason")),
        numbers=numbers,
    )


def edited(state: State, rows: int) -> Advance:
    """What edits teach that change so many rows: the golden value of a field, and the bases of everybody's records."""
    part = some(state, rows * len(state.golden) // (len(state.golden) + len(state.bases)))
    moved = learned_of(replace(part, **{name: getattr(part, name).iloc[:0] for name in ("links", "people", "numbers")}))
    return replace(
        moved,
        golden=moved.golden[["first_name", "first_name_from"]].assign(first_name_rule="edit"),
        bases=moved.bases[["first_name", "first_name_raw", "person"]],
    )


def some(state: State, count: int) -> State:
    """What is known of the first so many."""
    people = state.people.index[:count]
    links = state.links[state.links["person"].isin(people)]
    return replace(
        state,
        links=links,
        people=state.people.loc[people],
        golden=state.golden.loc[people],
        bases=state.bases.reindex(links.index).dropna(how="all"),
        numbers=state.numbers[state.numbers["person"].isin(people)],
    )


def taught(ledger: Ledger, news: Advance) -> None:
    ledger.memory.advance(news, "bench", NOON)


def fetched(connection: dbapi.Connection, options: dict[str, str]) -> list[pd.DataFrame]:
    """The same tables by ADBC, as frames."""
    frames = []
    for table in TABLES:
        with connection.cursor() as cursor:
            cursor.adbc_statement.set_options(**options)
            cursor.execute(f"SELECT * FROM {table}")
            frames.append(cursor.fetch_arrow_table().to_pandas())
    return frames


def upserting(bases: pd.DataFrame, mark: str) -> str:
    """The statement that takes a row of bases."""
    names = ["ref", "system", "object", "record_id", *bases.columns]
    updates = ", ".join(f"{name} = excluded.{name}" for name in bases.columns)
    marks = ", ".join([mark] * len(names))
    return f"INSERT INTO bases ({', '.join(names)}) VALUES ({marks}) ON CONFLICT (ref) DO UPDATE SET {updates}"


def addressed(bases: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    """Rows as the drivers want them."""
    cells = bases.astype(object).where(bases.notna(), None).to_numpy()
    return ((ref, *ref.split(":"), *row) for ref, row in zip(bases.index, cells, strict=True))
