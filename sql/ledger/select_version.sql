-- Purpose: the version of the ledger's tables
-- Parameters: none
-- Caller: tasks/ledger/migrate.py
SELECT version_num
FROM alembic_version
