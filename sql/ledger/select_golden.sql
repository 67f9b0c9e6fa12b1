-- Purpose: the golden values of the asked fields
-- Parameters: none; {columns}: the wide table's columns
-- Caller: tasks/ledger/wide.py
SELECT person, {columns}
FROM golden
