"""The ledger on SQLite: what a run starts from, and what it learns of ten thousand people, beside ADBC alone."""

import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
from adbc_driver_sqlite import dbapi

from tasks.core.state import Advance, State, empty
from tasks.ledger import Ledger, open_ledger
from tests.bench.crowd_world import CrowdWorld
from tests.bench.measuring import Row, Stage, measured

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DELTA = 10_000
AT_ONCE = {"adbc.sqlite.query.batch_rows": str(10**7)}  # the driver takes a column's type from the first batch
TABLES = ("links", "people", "golden", "bases", "numbers")


def rows(world: CrowdWorld) -> Iterator[Row]:
    """Loading all of it, then learning a delta."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        place = Path(folder) / "tandem.db"
        ledger = open_ledger(None, Path(folder))
        taught(ledger, learned_of(world.known))
        fields, people = list(world.policy.fields), len(world.known.people)
        load = Stage("ledger: load", lambda: ledger.memory.state(fields))
        yield from measured(people, [load], [Stage("ADBC: read the tables", lambda: read(place))])
        delta = learned_of(some(world.known, DELTA))
        learn = Stage("ledger: learn a delta", lambda: taught(ledger, delta))
        plain = Stage("sqlite3: upsert the delta's bases", lambda: upserted(place, delta.bases))
        yield from measured(min(people, DELTA), [learn], [plain])
        ledger.close()


def learned_of(state: State) -> Advance:
    """All of that as if a plan had taught it."""
    numbers = state.numbers.rename(columns={"since": "at"}).assign(turn="begins").drop(columns="until")
    bases = state.bases.assign(person=state.links["person"].reindex(state.bases.index)).drop(columns="person")
    return Advance(
        state.links,
        state.people,
        state.golden,
        bases,
        empty(("ref", "field", "golden", "value", "reason")),
        numbers=numbers,
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


def read(place: Path) -> list[pd.DataFrame]:
    """The same tables by ADBC, as frames."""
    with dbapi.connect(f"file:{place}?mode=ro") as connection, connection.cursor() as cursor:
        return [_fetched(cursor, f"SELECT * FROM {table}") for table in TABLES]


def _fetched(cursor: dbapi.Cursor, statement: str) -> pd.DataFrame:
    cursor.adbc_statement.set_options(**AT_ONCE)
    cursor.execute(statement)
    return cursor.fetch_arrow_table().to_pandas()


def upserted(place: Path, bases: pd.DataFrame) -> None:
    """The bases alone, by the driver's own executemany."""
    names = list(bases.columns)
    columns, marks = ", ".join(["ref", "system", "object", "record_id", *names]), ", ".join("?" * (len(names) + 4))
    updates = ", ".join(f"{name} = excluded.{name}" for name in names)
    statement = f"INSERT INTO bases ({columns}) VALUES ({marks}) ON CONFLICT (ref) DO UPDATE SET {updates}"
    cells = bases.astype(object).where(bases.notna(), None).to_numpy()
    with sqlite3.connect(place) as connection:
        told = ((ref, *ref.split(":"), *row) for ref, row in zip(bases.index, cells, strict=True))
        connection.executemany(statement, told)
