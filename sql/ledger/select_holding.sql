-- Purpose: people of whom such a value was decided
-- Parameters: none; {column}: the wide table's column
-- Caller: tasks/ledger/wide.py
SELECT person
FROM golden
WHERE {column} IN (SELECT name FROM wanted)
