-- Purpose: what people ever decided about a person, oldest first; ending NULL = no run has taken it into account yet
-- Parameters: person
-- Caller: tasks/ledger/dossiers.py
SELECT field, value, sides, who, reason, plan, at, run, ending
FROM decisions
WHERE person = :person
ORDER BY seq
