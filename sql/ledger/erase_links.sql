-- Purpose: a person's rows of links
-- Parameters: person
-- Caller: tasks/ledger/erasure.py
DELETE FROM links
WHERE person = :person
