-- Purpose: a run took a person's decision into account
-- Parameters: person, field, run
-- Caller: tasks/ledger/memory.py
UPDATE decisions SET ending = 'taken', run = :run
WHERE person = :person AND field = :field AND ending IS NULL
