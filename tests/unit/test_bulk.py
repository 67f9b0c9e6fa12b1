"""Whole tables come from the ledger as they are, whatever is in them."""

import sqlite3
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from tasks.core.errors import SettingsError
from tasks.core.state import SETTLED
from tasks.ledger import Ledger, bulk, open_ledger
from tests.unit.ledgers import ledger, postgresql, table

__all__ = ["ledger", "postgresql"]

CELLS = ["", None, "NA", "007", "é 李 😀", 'a "quoted", line\nand another\r\n', "\\N", "\x1e\x1f\t", " ", "x" * 70_000]
SELECT = "SELECT ref, field, golden, value, reason FROM settled ORDER BY ref"
AT = {"run": "", "now": ""}


def settled(*rows: tuple[object, ...]) -> pd.DataFrame:
    return table(SETTLED, list(rows))


def read_back(ledger: Ledger, written: pd.DataFrame, select: str = SELECT) -> pd.DataFrame:
    """What the transaction reads that wrote those rows."""
    with ledger.connections.database.writing() as transaction:
        transaction.each("upsert_settled", written, AT)
        return bulk.table(transaction.connection, select)


def test_every_text_comes_back_as_it_was(ledger: Ledger) -> None:
    """Blank, missing, separators, quotes, line ends, digits, other scripts; a column may be missing all over."""
    written = settled(*((f"{place:02}", "f", cell, cell, None) for place, cell in enumerate(CELLS)))
    assert_frame_equal(read_back(ledger, written), written)


@pytest.mark.parametrize("cell", ["", None, "one", "\n"])
def test_one_row_is_one_row(ledger: Ledger, cell: str | None) -> None:
    written = settled(("", "", cell, cell, cell))
    assert_frame_equal(read_back(ledger, written), written)


def test_a_column_may_have_any_name_and_no_value(ledger: Ledger) -> None:
    """Those of our own query among them."""
    select = "SELECT NULL AS gap, NULL AS missing, ref AS marks FROM settled"
    frame = read_back(ledger, settled(("a", "", "", "", ""), ("b", "", "", "", "")), select)
    assert_frame_equal(frame, table(["gap", "missing", "marks"], [(None, None, "a"), (None, None, "b")]))


def test_no_rows_are_a_frame_of_the_same_shape(ledger: Ledger) -> None:
    assert_frame_equal(read_back(ledger, settled()), settled())


def test_what_is_read_by_index_is_in_its_order(ledger: Ledger) -> None:
    """The same on every database, whatever its language."""
    with ledger.connections.database.writing() as transaction:
        people = table(("key", "born"), [(name, None, None) for name in ("b", "é", "B", "a")], "person")
        transaction.each("upsert_person", people, AT)
        assert list(transaction.table("select_people", "person").index) == ["B", "a", "b", "é"]


def test_what_is_too_long_for_one_value_is_read_row_by_row(tmp_path: Path) -> None:
    """SQLite takes no value above a billion bytes, fewer where somebody says so, and whole columns may be longer."""
    with open_ledger(None, tmp_path) as ledger, ledger.connections.database.writing() as transaction:
        people = table(("key", "born"), [(f"{n:040}", None, None) for n in range(90)], "person")
        transaction.each("upsert_person", people, AT)
        before = transaction.table("select_people", "person")
        driver: Any = transaction.connection.connection.driver_connection
        driver.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 3000)
        assert_frame_equal(transaction.table("select_people", "person"), before)


def test_a_server_that_breaks_off_is_told_in_the_ledger_s_own_sentence(ledger: Ledger) -> None:
    if ledger.connections.database.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no server")
    with pytest.raises(SettingsError, match="it didn't answer in time"):
        slept(ledger)


def test_whoever_stops_it_while_rows_are_copied_hears_nothing_else(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the ledger goes on being there."""
    if ledger.connections.database.engine.dialect.name == "sqlite":
        pytest.skip("SQLite gives all rows at once")

    class Stopped:
        def __iadd__(self, row: object) -> "Stopped":
            raise KeyboardInterrupt

    many = "SELECT CAST(n AS TEXT) AS n FROM generate_series(1, 300000) AS n"

    def counted() -> int:
        with ledger.connections.database.reading() as transaction:
            return len(bulk.table(transaction.connection, many))

    with monkeypatch.context() as patched:
        patched.setattr(bulk, "bytearray", Stopped, raising=False)
        with pytest.raises(KeyboardInterrupt):
            counted()
    assert counted() == 300_000


def slept(ledger: Ledger) -> None:
    with ledger.connections.database.reading() as transaction:
        transaction.connection.exec_driver_sql("SET LOCAL statement_timeout = 1")
        bulk.table(transaction.connection, "SELECT CAST(pg_sleep(1) AS TEXT) AS slept")
