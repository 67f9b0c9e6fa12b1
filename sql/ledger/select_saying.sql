-- Purpose: people of whom such a value was decided, or was the word of one of their records
-- Parameters: none; {column}: the wide tables' column
-- Caller: tasks/ledger/wide.py
SELECT person
FROM golden
WHERE {column} IN (SELECT name FROM wanted)
UNION
SELECT links.person
FROM bases
JOIN links ON links.system = bases.system AND links.object = bases.object AND links.record_id = bases.record_id
WHERE bases.{column} IN (SELECT name FROM wanted)
