-- Purpose: a plan's changes, in the order in which they were planned
-- Parameters: plan
-- Caller: tasks/ledger/plans.py
SELECT id, system, object, record_id, person, kind, phone, reason, rule
FROM changes
WHERE plan = :plan
ORDER BY position
