-- Purpose: a person decides anew before a run took the last answer into account
-- Parameters: person, field
-- Caller: tasks/ledger/decisions.py
UPDATE decisions SET ending = 'replaced'
WHERE person = :person AND field = :field AND ending IS NULL
