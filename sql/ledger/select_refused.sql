-- Purpose: a plan's refused, in the order in which they were planned
-- Parameters: plan
-- Caller: tasks/ledger/plans.py
SELECT system, object, record_id, person, kind, phone, field, property, before, after, reason
FROM refused
WHERE plan = :plan
ORDER BY position
