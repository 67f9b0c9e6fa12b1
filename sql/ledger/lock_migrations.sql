-- Purpose: one process at a time migrates a PostgreSQL ledger (SQLite locks itself)
-- Parameters: none
-- Caller: tasks/ledger/migrate.py
SELECT pg_advisory_xact_lock(7412633)
