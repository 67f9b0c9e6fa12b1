-- Purpose: people who match by one of the numbers named, have one, or ever had it
-- Parameters: none
-- Caller: tasks/ledger/people.py
SELECT person
FROM people
WHERE key IN (SELECT name FROM wanted)
UNION
SELECT person
FROM numbers
WHERE number IN (SELECT name FROM wanted)
