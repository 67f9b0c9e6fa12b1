-- Purpose: every conflict about a person that a plan ever had, oldest first
-- Parameters: person
-- Caller: tasks/ledger/dossiers.py
SELECT conflicts.plan, plans.run, plans.created_at AS planned_at, conflicts.field, conflicts.sides, conflicts.winner,
    conflicts.rule, conflicts.since
FROM conflicts
JOIN plans ON plans.id = conflicts.plan
WHERE conflicts.person = :person
ORDER BY plans.created_at, conflicts.position
