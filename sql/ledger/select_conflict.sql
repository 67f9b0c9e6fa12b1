-- Purpose: a conflict as the latest plan that had it tells it
-- Parameters: id
-- Caller: tasks/ledger/decisions.py
SELECT conflicts.id, conflicts.person, conflicts.field, conflicts.sides, conflicts.plan, plans.created_at
FROM conflicts
JOIN plans ON plans.id = conflicts.plan
WHERE conflicts.id = :id
ORDER BY plans.created_at DESC, plans.id DESC
LIMIT 1
