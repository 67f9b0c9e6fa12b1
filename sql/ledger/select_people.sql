-- Purpose: every person and the key that they match by; none of somebody who turned out to be somebody else
-- Parameters: none
-- Caller: tasks/ledger/memory.py
SELECT person, key, born
FROM people
