"""All that is held about a person: their rows of every table, and of every file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import pyarrow.parquet as pq
from sqlalchemy import RowMapping

from tasks.core.traces import Traces
from tasks.ledger.db import Database
from tasks.ledger.locating import held, locate

Row = dict[str, Any]
FOLDERS = ("snapshots", "plans", "evidence")


@dataclass(frozen=True)
class Holdings:
    """`tables`: name → rows, without what is missing. `files`: what a file holds (`snapshots/salesforce/Contact`) →
    rows, each once, with the runs, plans or files in which it stands."""

    tables: Mapping[str, list[Row]]
    files: Mapping[str, list[Row]]


@dataclass(frozen=True)
class Archive:
    database: Database

    def of(self, traces: Traces) -> Holdings:
        """All that is held about whom these are traces of."""
        with self.database.reading() as transaction:
            tables = {name: [_row(row) for row in rows] for name, rows in held(transaction, traces).items()}
        files: dict[str, dict[str, Row]] = {}
        for name, place, row in self._rows(traces):
            known = files.setdefault(name, {}).setdefault(repr(row), {"in": [], **row})
            known["in"].append(place)
        return Holdings(tables, {name: list(rows.values()) for name, rows in files.items()})

    def _rows(self, traces: Traces) -> Iterator[tuple[str, str, Row]]:
        """What the file is about, in which run, plan or file it is, and a row of theirs."""
        home = self.database.home
        for path in sorted(path for folder in FOLDERS for path in (home / folder).rglob("*.parquet")):
            folder, place, *rest = path.relative_to(home).with_suffix("").parts
            name = folder if folder == "evidence" else "/".join([folder, *rest])
            table = pq.read_table(path)
            located = locate(path, table, traces)
            rows = located.rows.copy()
            for told in located.cells.values():
                rows[list(told)] = True
            for row in np.flatnonzero(rows):
                yield name, rest[0] if folder == "evidence" else place, _row(table.slice(int(row), 1).to_pylist()[0])


def _row(row: RowMapping | Row) -> Row:
    """Only what is there; a JSON text as what it says."""
    return {str(name): _value(value) for name, value in row.items() if value is not None}


def _value(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return msgspec.json.decode(value)
        except msgspec.DecodeError:
            return value
    return value
