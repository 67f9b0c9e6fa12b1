-- Purpose: when each conflict of a plan was first seen
-- Parameters: plan
-- Caller: tasks/ledger/plans.py
SELECT id, since
FROM conflicts
WHERE plan = :plan
ORDER BY position
