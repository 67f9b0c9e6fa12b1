"""Opening the ledger: where it lives, who may read it, and what is said when it can't be used."""

import re
import sqlite3
import stat
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url

from tasks.core.errors import SettingsError
from tasks.ledger import Ledger, db, migrate, open_ledger
from tests.unit.ledgers import NOON, address, create_database, ledger, postgresql

__all__ = ["address", "ledger", "postgresql"]

ROOT = Path(__file__).parents[2]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_home_and_the_database_are_private(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with open_ledger(None, home) as opened:
        opened.runs.begin("full", NOON)
        assert mode(home) == 0o700
        assert {mode(file) for file in home.glob("tandem.db*")} == {0o600}


def test_a_ledger_opened_again_remembers(address: str | None, tmp_path: Path) -> None:
    with open_ledger(address, tmp_path) as first:
        run = first.runs.begin("full", NOON)
    with open_ledger(address, tmp_path) as second:
        assert second.runs.get(run).started_at == NOON


def test_sqlite_keeps_a_write_ahead_log(tmp_path: Path) -> None:
    open_ledger(None, tmp_path).close()
    with sqlite3.connect(tmp_path / "tandem.db") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_ledger_of_a_newer_version_is_refused(address: str | None, tmp_path: Path) -> None:
    with open_ledger(address, tmp_path) as opened, opened.connections.database.writing() as transaction:
        transaction.connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SettingsError, match=r"newer Tandem .*9999.*upgrade"):
        open_ledger(address, tmp_path)


def test_a_migration_that_breaks_leaves_nothing(
    address: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tables, version and views appear together or not at all, on SQLite too: the next start does it all."""
    with monkeypatch.context() as patch:
        patch.setattr(migrate, "views", lambda: {"audit_broken": text("CREATE VIEW audit_broken AS SELECT FROM FROM")})
        with pytest.raises(SettingsError):
            open_ledger(address, tmp_path)
    with open_ledger(address, tmp_path) as opened, opened.connections.database.reading() as transaction:
        assert "audit_open_conflicts" in inspect(transaction.connection).get_view_names()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://someone:hush@127.0.0.1:1/tandem", "nothing answers"),
        ("postgresql://someone:hush@127.0.0.1:1/tandem?password=hush", "nothing answers"),
        ("mysql://someone:hush@localhost/tandem", "PostgreSQL"),
        ("someone:hush", "isn't a database address"),
        ("sqlite://", "SQLite file"),
        ("postgresql://someone:hush@localhost:port/tandem", "isn't a database address"),
    ],
)
def test_a_database_out_of_reach_is_one_sentence_without_secrets(url: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=says) as caught:
        open_ledger(url, tmp_path)
    assert "hush" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_postgresql_database_is_named(postgresql: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such database"):
        open_ledger(postgresql.replace("/postgres?", "/nowhere?"), tmp_path)


def test_a_role_that_may_have_no_tables_of_its_own_is_told_so_before_any_run(postgresql: str, tmp_path: Path) -> None:
    owned = make_url(create_database())
    clerk = f"clerk_{owned.database}"
    engine = create_engine(owned, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {clerk} LOGIN")
        connection.exec_driver_sql(f"GRANT ALL ON SCHEMA public TO {clerk}")
        connection.exec_driver_sql(f"REVOKE TEMPORARY ON DATABASE {owned.database} FROM PUBLIC")
    engine.dispose()
    address = owned.set(username=clerk).render_as_string(hide_password=False)
    with pytest.raises(SettingsError, match="its role may not create tables in it"):
        open_ledger(address, tmp_path)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "tandem.db").write_text("a letter to my aunt, long enough to be taken for a database header" * 20)
    with pytest.raises(SettingsError, match="isn't a database"):
        open_ledger(None, tmp_path)


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(SettingsError, match="TANDEM_HOME"):
        open_ledger(None, tmp_path / "home")


def test_a_locked_database_is_said_to_be_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_ledger(None, tmp_path).close()
    monkeypatch.setattr(db, "PATIENCE", 0.05)
    holder = sqlite3.connect(tmp_path / "tandem.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(SettingsError, match="locked"):
        open_ledger(None, tmp_path)
    holder.close()


def test_the_audit_views_can_be_read(ledger: Ledger) -> None:
    with ledger.connections.database.reading() as transaction:
        names = set(inspect(transaction.connection).get_view_names())
        assert names == {f"audit_{file.stem}" for file in (ROOT / "sql" / "audit").glob("*.sql")}
        for name in names:
            assert transaction.connection.execute(text(f"SELECT * FROM {name}")).all() == []


def test_every_table_is_in_the_readme(ledger: Ledger) -> None:
    with ledger.connections.database.reading() as transaction:
        inspector = inspect(transaction.connection)
        present = {*inspector.get_table_names(), *inspector.get_view_names()} - {"alembic_version", "sqlite_sequence"}
    readme = (ROOT / "sql" / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", readme, re.MULTILINE)) == present


@pytest.mark.parametrize("path", sorted((ROOT / "sql" / "ledger").glob("*.sql")), ids=lambda path: path.stem)
def test_a_statement_has_its_header_and_its_caller(path: Path) -> None:
    """One statement a file, no leftovers: whoever the header names does run it."""
    head = re.match(r"-- Purpose: \S.*\n-- Parameters: \S.*\n-- Caller: (\S+)\n[A-Z]", path.read_text(encoding="utf-8"))
    assert head is not None
    assert ";" not in path.read_text(encoding="utf-8").split("\n", 3)[3]
    caller = (ROOT / head[1]).read_text(encoding="utf-8")
    verb = path.stem.partition("_")[0]
    assert f'"{path.stem}"' in caller or f'f"{verb}_{{' in caller
