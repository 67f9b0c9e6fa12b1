-- Purpose: people who are called like one of the names
-- Parameters: none
-- Caller: tasks/ledger/people.py
SELECT person
FROM people
WHERE person IN (SELECT name FROM wanted)
UNION
SELECT person
FROM links
WHERE person IN (SELECT name FROM wanted)
