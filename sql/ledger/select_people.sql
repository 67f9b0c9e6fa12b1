-- Purpose: every person and the key that they match by
-- Parameters: none
-- Caller: tasks/ledger/memory.py
SELECT person, key, born
FROM people
ORDER BY person
