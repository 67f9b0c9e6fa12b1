"""Where a person stands in the ledger: which rows of a Parquet file, which rows of each table."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import BindParameter, RowMapping, Text, bindparam, inspect

from tasks.core.traces import Traces
from tasks.ledger.db import Transaction
from tasks.ledger.statements import statement

NOT_SEARCHED = ("alembic_version", "lease", "suppressions")
NO_TEXT = ("record_id", "receipt_record_id")  # a vendor's id may look like a number; whose it is, is known

Rows = np.ndarray[tuple[int], np.dtype[np.bool_]]


@dataclass(frozen=True)
class Located:
    """`rows` of a file that are theirs, and texts that mention them: column → row → text (of their rows, too)."""

    rows: Rows
    cells: Mapping[str, Mapping[int, str]]

    def __bool__(self) -> bool:
        return bool(self.rows.any()) or bool(self.cells)


def locate(path: Path, table: pa.Table, traces: Traces) -> Located:
    """Where they stand in the table that was read from that file."""
    theirs = _records_of(table, path, traces)
    cells: dict[str, dict[int, str]] = {}
    for name in (part.name for part in table.schema if _is_text(part.type) and part.name not in NO_TEXT):
        column = table.column(name)
        hits = pc.match_substring_regex(column, traces.loose).fill_null(False).to_numpy()
        told = {int(row): str(column[int(row)]) for row in np.flatnonzero(hits)}
        if told := {row: text for row, text in told.items() if traces.found.search(text)}:
            cells[name] = told
            theirs[[row for row, text in told.items() if traces.names(text)]] = True
    return Located(theirs, cells)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _records_of(table: pa.Table, path: Path, traces: Traces) -> Rows:
    """Rows that are their records: named by system, object and id, which a snapshot's file says for all of its rows."""
    if "record_id" not in table.column_names:
        return np.zeros(table.num_rows, dtype=bool)
    ids = table.column("record_id").to_pandas().astype("str")
    if {"system", "object"} <= set(table.column_names):
        refs = table.column("system").to_pandas() + ":" + table.column("object").to_pandas() + ":" + ids
    else:
        refs = f"{path.parent.name}:{path.stem}:" + ids
    found: Rows = refs.isin(sorted(traces.subject.refs)).to_numpy().copy()
    return found


def mentions(transaction: Transaction, traces: Traces) -> Iterator[tuple[str, str, RowMapping]]:
    """Table, column and text (as `found`, with the `plan` that it is of) of every text that mentions them."""
    for table, columns in _tables(transaction).items():
        plan = ", plan" if "plan" in columns else ", id AS plan" if table == "plans" else ""
        for column in (name for name, kind in columns.items() if isinstance(kind, Text) and name not in NO_TEXT):
            select = statement(
                "select_traces", table=table, column=f'"{column}"', plan=plan, matches=matches(transaction)
            )
            for row in transaction.connection.execute(select, {"pattern": traces.pattern}).mappings().all():
                yield table, column, row


def held(transaction: Transaction, traces: Traces) -> dict[str, list[RowMapping]]:
    """Every row of every table that is theirs, or mentions them; tables without any are left out."""
    subject = traces.subject
    words = {"people": sorted(subject.people), "refs": sorted(subject.refs)}
    listed: list[BindParameter[list[str]]] = [bindparam(name, expanding=True) for name in words]
    found = {}
    for table, columns in _tables(transaction).items():
        conditions = [*_belongs(table, columns), *_mentions(columns, matches(transaction))]
        select = statement("select_held", table=table, conditions=" OR ".join(conditions))
        used = [bind for bind in listed if f":{bind.key}" in select.text]
        values = {bind.key: words[str(bind.key)] for bind in used} | {"pattern": traces.pattern}
        if rows := transaction.connection.execute(select.bindparams(*used), values).mappings().all():
            found[table] = list(rows)
    return found


def _tables(transaction: Transaction) -> dict[str, dict[str, object]]:
    """Every table, with the type of each column."""
    inspector = inspect(transaction.connection)
    names = sorted(set(inspector.get_table_names()) - set(NOT_SEARCHED))
    return {name: {column["name"]: column["type"] for column in inspector.get_columns(name)} for name in names}


def _belongs(table: str, columns: Mapping[str, object]) -> Iterator[str]:
    """How rows of that table say whose they are."""
    if "person" in columns:
        yield "person IN :people"
    if "ref" in columns:
        yield "ref IN :refs"
    if {"system", "object", "record_id"} <= set(columns):
        yield "system || ':' || object || ':' || record_id IN :refs"
    if {"plan", "change"} <= set(columns):
        yield (
            "EXISTS (SELECT 1 FROM changes "
            f"WHERE changes.plan = {table}.plan AND changes.id = {table}.change AND changes.person IN :people)"
        )


def _mentions(columns: Mapping[str, object], word: str) -> Iterator[str]:
    for name, kind in columns.items():
        if isinstance(kind, Text) and name not in NO_TEXT:
            yield f'"{name}" {word} :pattern'


def matches(transaction: Transaction) -> str:
    """The database's word for a regular expression."""
    return "REGEXP" if transaction.connection.dialect.name == "sqlite" else "~"
