-- Purpose: blank what was decided for a person; no run takes it into account any more
-- Parameters: person
-- Caller: tasks/ledger/erasure.py
UPDATE decisions SET person = '', value = '', sides = '{}', reason = '', ending = COALESCE(ending, 'forgotten')
WHERE person = :person
