-- Purpose: a plan's quarantine, in the order in which they were planned
-- Parameters: plan
-- Caller: tasks/ledger/plans.py
SELECT system, object, record_id, reason
FROM quarantine
WHERE plan = :plan
ORDER BY position
