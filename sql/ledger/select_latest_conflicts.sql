-- Purpose: the conflicts of the latest plan
-- Parameters: none
-- Caller: tasks/ledger/decisions.py
SELECT conflicts.id, conflicts.person, conflicts.field, conflicts.sides, conflicts.plan, plans.created_at
FROM conflicts
JOIN plans ON plans.id = conflicts.plan
WHERE plans.id = (SELECT id FROM plans ORDER BY created_at DESC, id DESC LIMIT 1)
