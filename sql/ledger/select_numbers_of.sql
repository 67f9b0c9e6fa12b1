-- Purpose: which of the people named had which number when
-- Parameters: none
-- Caller: tasks/ledger/memory.py
SELECT person, number, kind, since, until
FROM numbers
WHERE person IN (SELECT name FROM wanted)
ORDER BY person, number, since, kind
