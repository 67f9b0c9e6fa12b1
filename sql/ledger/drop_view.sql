-- Purpose: audit views are dropped before a migration and created after it
-- Parameters: none; {view}: an identifier
-- Caller: tasks/ledger/migrate.py
DROP VIEW IF EXISTS {view}
