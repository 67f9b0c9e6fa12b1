"""Whole tables as frames, with no Python object for a cell: the way to read what has a row for everybody; and a column
of names, all at once.

SQLite puts every column together to one value, which numpy takes apart; PostgreSQL copies its rows out as CSV, which
Arrow reads. Both over the connection that is open: it sees what its transaction wrote, and fails as it always does.
A driver that brings its own SQLite (ADBC, connectorx, duckdb) must not open the ledger in this process: two copies of
SQLite in one process undo each other's locks, and then another process deletes what this one has just written.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

GAP, MISSING = 0xFE, 0xFF  # bytes that no UTF-8 text has: between two cells, and in place of NULL
MARKS = "(SELECT CAST(x'fe' AS TEXT) AS gap, CAST(x'ff' AS TEXT) AS missing) AS marks"
BLOCK = 1 << 24  # bytes that Arrow reads at once: no row is longer


def table(connection: Connection, select: str) -> pd.DataFrame:
    """What it selects, as a frame of `str` columns; on SQLite a query that orders its rows takes twice as long."""
    names = list(connection.exec_driver_sql(f"SELECT * FROM ({select}) AS cells LIMIT 0").keys())
    read = _packed if connection.dialect.name == "sqlite" else _copied
    frame: pd.DataFrame = read(connection, select, names).to_pandas()
    return frame


def fill(connection: Connection, table: str, names: Iterable[str]) -> None:
    """Each of them a row of that table, which has one column."""
    driver: Any = connection.connection.driver_connection
    rows = ((name,) for name in names)
    if connection.dialect.name == "sqlite":
        driver.executemany(f"INSERT INTO {table} VALUES (?)", rows)
        return
    copying = f"COPY {table} FROM STDIN"
    with _failing_as_ever(connection, copying), driver.cursor().copy(copying) as copy:
        for row in rows:
            copy.write_row(row)


def _packed(connection: Connection, select: str, names: Sequence[str]) -> pa.Table:
    columns = [f'CAST(group_concat(COALESCE(cells."{name}", marks.missing), marks.gap) AS BLOB)' for name in names]
    packing = f"SELECT COUNT(*), {', '.join(columns)} FROM ({select}) AS cells, {MARKS}"
    count, *packed = connection.exec_driver_sql(packing).one()
    return pa.table({name: _unpacked(column or b"", count) for name, column in zip(names, packed, strict=True)})


def _unpacked(packed: bytes, count: int) -> pa.Array:
    """A column of so many cells."""
    if not count:
        return pa.array([], pa.large_string())
    data = np.frombuffer(packed + bytes([GAP]), np.uint8)
    ends = np.flatnonzero(data == GAP)
    missing = data[np.append(0, ends[:-1] + 1)] == MISSING
    offsets = np.append(0, ends - np.arange(count) - np.cumsum(missing))
    present = np.packbits(~missing, bitorder="little")
    text = packed.translate(None, bytes([GAP, MISSING]))
    return pa.LargeStringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(text), pa.py_buffer(present))


def _copied(connection: Connection, select: str, names: Sequence[str]) -> pa.Table:
    copying = f"COPY ({select}) TO STDOUT (FORMAT csv, ENCODING 'UTF8')"
    driver: Any = connection.connection.driver_connection
    with _failing_as_ever(connection, copying):
        lines = _lines(connection.dialect.loaded_dbapi, driver.pgconn, copying)
    if not lines:
        return pa.table({name: pa.array([], pa.large_string()) for name in names})
    return csv.read_csv(
        pa.BufferReader(lines),
        csv.ReadOptions(column_names=list(names), block_size=BLOCK),
        csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.large_string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )


@contextmanager
def _failing_as_ever(connection: Connection, said: str) -> Iterator[None]:
    """A database that is gone is heard of as from any other statement."""
    psycopg: Any = connection.dialect.loaded_dbapi
    try:
        yield
    except psycopg.OperationalError as error:
        raise OperationalError(said, None, error) from error


def _lines(psycopg: Any, driver: Any, copying: str) -> bytearray:
    """All that is copied out, straight from libpq: psycopg's own iterator takes four times as long for a row."""
    begun, lines = driver.exec_(copying.encode()), bytearray()
    if begun.status != psycopg.pq.ExecStatus.COPY_OUT:
        raise psycopg.errors.error_from_result(begun)
    try:
        while (row := driver.get_copy_data(0))[0] > 0:
            lines += row[1]
    except KeyboardInterrupt:
        driver.get_cancel().cancel()  # or nothing else could be said on this connection, not even to roll back
        with suppress(psycopg.OperationalError):  # which says that it was cancelled
            while driver.get_copy_data(0)[0] > 0:
                pass
        while driver.get_result() is not None:
            pass
        raise
    while (ended := driver.get_result()) is not None:
        if ended.status != psycopg.pq.ExecStatus.COMMAND_OK:
            raise psycopg.errors.error_from_result(ended)
    return lines
