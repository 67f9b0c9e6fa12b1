-- Purpose: a plan's collisions, in the order in which they were planned
-- Parameters: plan
-- Caller: tasks/ledger/plans.py
SELECT kind, phone, records, chosen
FROM collisions
WHERE plan = :plan
ORDER BY position
