-- Purpose: how many people there are
-- Parameters: none
-- Caller: tasks/ledger/people.py
SELECT COUNT(*) AS people
FROM people
