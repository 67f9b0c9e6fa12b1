-- Purpose: plans that tell of a person
-- Parameters: person
-- Caller: tasks/ledger/erasure.py
SELECT plan FROM changes WHERE person = :person
UNION
SELECT plan FROM refused WHERE person = :person
UNION
SELECT plan FROM conflicts WHERE person = :person
