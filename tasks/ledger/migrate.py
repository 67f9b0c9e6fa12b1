"""Brings the ledger's tables up to date, in the caller's transaction: all migrations happen, or none."""

from importlib.resources import files
from pathlib import Path

from sqlalchemy import Connection, inspect

from tasks.core.errors import SettingsError
from tasks.ledger.statements import statement, views

MIGRATIONS = Path(str(files("sql"))) / "migrations"


def migrate(connection: Connection) -> None:
    """Forward only. Raises `SettingsError` when a newer Tandem has been here."""
    known = sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
    if _version(connection) == known[-1]:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(statement("lock_migrations"))
    version = _version(connection)
    if version is not None and version not in known:
        raise SettingsError(
            f"a newer Tandem wrote this ledger (version {version}, known here {known[-1]}): upgrade Tandem"
        )
    if version != known[-1]:
        _upgrade(connection)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(statement("select_version")).scalar()


def _upgrade(connection: Connection) -> None:
    """Views stand on tables that a migration may change, so they go first and come back as they are written today."""
    from alembic import command  # costs a third of a second, and is needed once a release
    from alembic.config import Config

    for view in views():
        connection.execute(statement("drop_view", view=view))
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    command.upgrade(config, "head")
    for create in views().values():
        connection.execute(create)
