-- Purpose: a person's decision ended: a run took it into account, or it was overtaken
-- Parameters: person, field, value, ending, run
-- Caller: tasks/ledger/decisions.py
UPDATE decisions SET ending = :ending, run = :run
WHERE person = :person AND field = :field AND value = :value AND ending IS NULL
