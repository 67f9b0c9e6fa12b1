-- Purpose: blank whom a conflict is about, and what the sides said
-- Parameters: person
-- Caller: tasks/ledger/erasure.py
UPDATE conflicts SET id = '', person = NULL, sides = '{}'
WHERE person = :person
