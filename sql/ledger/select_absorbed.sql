-- Purpose: people who turned out to be somebody else
-- Parameters: none
-- Caller: tasks/ledger/memory.py
SELECT person, survivor
FROM people
WHERE survivor IS NOT NULL
