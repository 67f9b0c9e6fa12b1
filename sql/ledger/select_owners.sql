-- Purpose: people who have one of the numbers named, or ever had it
-- Parameters: none
-- Caller: tasks/ledger/people.py
SELECT DISTINCT person
FROM numbers
WHERE number IN (SELECT name FROM wanted)
