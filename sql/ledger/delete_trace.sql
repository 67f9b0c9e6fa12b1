-- Purpose: a row that is called like somebody
-- Parameters: old
-- Caller: tasks/ledger/erasure.py
DELETE FROM {table}
WHERE {column} = :old
