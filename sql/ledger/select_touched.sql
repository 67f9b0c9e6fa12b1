-- Purpose: people and records of which the ledger learned something then or later
-- Parameters: since
-- Caller: tasks/ledger/people.py
SELECT name
FROM touched
WHERE at >= :since
