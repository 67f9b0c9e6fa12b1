"""Alembic's entry: runs the pending migrations in the transaction that `tasks/ledger/migrate.py` opened."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
