-- Purpose: when each refused cell of a plan was first seen
-- Parameters: plan
-- Caller: tasks/ledger/plans.py
SELECT since
FROM refused
WHERE plan = :plan
ORDER BY position
