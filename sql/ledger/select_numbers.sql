-- Purpose: who had which number when
-- Parameters: none
-- Caller: tasks/ledger/memory.py
SELECT person, number, kind, since, until
FROM numbers
ORDER BY person, number, since, kind
