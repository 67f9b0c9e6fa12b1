-- Purpose: such a text without them
-- Parameters: old, new
-- Caller: tasks/ledger/erasure.py
UPDATE {table} SET {column} = :new
WHERE {column} = :old
