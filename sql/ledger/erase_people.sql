-- Purpose: a person's rows of people
-- Parameters: person
-- Caller: tasks/ledger/erasure.py
DELETE FROM people
WHERE person = :person
    OR survivor = :person
