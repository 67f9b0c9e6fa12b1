"""The two wide tables, golden and bases: one row a person or record, columns as the policy's fields need them.

A field new to the policy gets its columns when something is first written to it; one that left keeps its values.
"""

import re
from collections.abc import Sequence

import pandas as pd
from sqlalchemy import inspect

from tasks.core.errors import PolicyError
from tasks.ledger.db import Transaction
from tasks.ledger.statements import statement

IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,62}")
KEYS = {"golden": ("person",), "bases": ("ref", "system", "object", "record_id")}


def read(transaction: Transaction, table: str, columns: Sequence[str], only: str = "") -> pd.DataFrame:
    """Those columns of every row, indexed by the table's key, in its order; one that was never written is missing.
    `only` as for `Transaction.table`."""
    present = _present(transaction, table)
    wanted = [_quoted(name) if name in present else f"NULL AS {_quoted(name)}" for name in _checked(table, columns)]
    return transaction.table(f"select_{table}", KEYS[table][0], only, columns=", ".join(wanted))


def write(transaction: Transaction, table: str, rows: pd.DataFrame) -> None:
    """Insert or replace cells (`rows` have the table's keys beside them); a missing one leaves what is known."""
    names = _checked(table, [str(name) for name in rows.columns.drop(list(KEYS[table]))])
    if not names:
        return
    _widen(transaction, table, names)
    updates = (f"{_quoted(name)} = COALESCE(excluded.{_quoted(name)}, {table}.{_quoted(name)})" for name in names)
    transaction.each(
        f"upsert_{table}",
        rows,
        columns=", ".join(map(_quoted, names)),
        values=", ".join(f":{name}" for name in names),
        updates=", ".join(updates),
    )


def saying(transaction: Transaction, fields: Sequence[str]) -> set[str]:
    """People of whom one of the values wanted was decided in one of those fields, or said by one of their records."""
    held = _present(transaction, "golden") & _present(transaction, "bases")
    names = [name for name in _checked("golden", fields) if name in held]
    return {
        who for name in names for who in transaction.table("select_saying", column=_quoted(name))["person"].dropna()
    }


def holding(transaction: Transaction, fields: Sequence[str]) -> set[str]:
    """People of whom one of the values wanted was decided in one of those fields."""
    held = _present(transaction, "golden")
    names = [name for name in _checked("golden", fields) if name in held]
    return {who for name in names for who in transaction.table("select_holding", column=_quoted(name))["person"]}


def unseat(transaction: Transaction, system: str) -> None:
    """What was decided stands no longer with that system; the values stay."""
    for name in sorted(_present(transaction, "golden")):
        if name.endswith("_from"):
            transaction.connection.execute(statement("unseat_golden", column=_quoted(name)), {"system": system})


def forget_property(transaction: Transaction, place: str) -> None:
    """The bases of a field in an object: they are of another property (`place`: system, object and field)."""
    system, object_name, field = place.split(":")
    if field in _present(transaction, "bases"):
        (name,) = _checked("bases", [field])
        forget = statement("forget_property", column=_quoted(name), raw=_quoted(f"{name}_raw"))
        transaction.connection.execute(forget, {"system": system, "object": object_name})


def _widen(transaction: Transaction, table: str, names: Sequence[str]) -> None:
    present = _present(transaction, table)
    for name in names:
        if name not in present:
            transaction.connection.execute(statement("add_column", table=table, column=_quoted(name)))


def _present(transaction: Transaction, table: str) -> set[str]:
    return {column["name"] for column in inspect(transaction.connection).get_columns(table)}


def _quoted(name: str) -> str:
    return f'"{name}"'


def _checked(table: str, columns: Sequence[str]) -> list[str]:
    """Names become SQL here, so they are looked at, whoever looked at them before."""
    for name in columns:
        if not IDENTIFIER.fullmatch(name) or name in KEYS[table] or columns.count(name) > 1:
            raise PolicyError(f"the policy's field {name!r} can't be kept: use another name of a-z, 0-9 and _")
    return list(columns)
