-- Purpose: how many people there are
-- Parameters: none
-- Caller: tasks/ledger/memory.py
SELECT COUNT(*) AS people
FROM people
