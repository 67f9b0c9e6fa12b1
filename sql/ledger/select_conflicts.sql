-- Purpose: a plan's conflicts, in the order in which they were planned
-- Parameters: plan
-- Caller: tasks/ledger/plans.py
SELECT id, person, field, sides, winner, rule
FROM conflicts
WHERE plan = :plan
ORDER BY position
