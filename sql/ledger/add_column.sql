-- Purpose: a field new to the policy gets its column
-- Parameters: none; {table}, {column}: identifiers
-- Caller: tasks/ledger/wide.py
ALTER TABLE {table} ADD COLUMN {column} TEXT
