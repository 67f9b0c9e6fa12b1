-- Purpose: a person's rows of numbers
-- Parameters: person
-- Caller: tasks/ledger/erasure.py
DELETE FROM numbers
WHERE person = :person
