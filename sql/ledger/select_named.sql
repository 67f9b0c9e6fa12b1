-- Purpose: people who are called so, have or had such a number, or have a record with such an id
-- Parameters: none
-- Caller: tasks/ledger/people.py
SELECT person
FROM people
WHERE person IN (SELECT name FROM wanted) OR key IN (SELECT name FROM wanted)
UNION
SELECT person
FROM numbers
WHERE number IN (SELECT name FROM wanted)
UNION
SELECT person
FROM links
WHERE record_id IN (SELECT name FROM wanted)
    OR system || ':' || object || ':' || record_id IN (SELECT name FROM wanted)
    OR (system = 'salesforce' AND SUBSTR(record_id, 1, 15) IN (SELECT name FROM wanted))
