-- Purpose: how each change of a plan stands
-- Parameters: plan
-- Caller: tasks/ledger/plans.py
SELECT id, status, note
FROM changes
WHERE plan = :plan
ORDER BY position
