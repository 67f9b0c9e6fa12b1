-- Purpose: a person's rows of golden
-- Parameters: person
-- Caller: tasks/ledger/erasure.py
DELETE FROM golden
WHERE person = :person
