-- Purpose: a plan's cells, in the order in which they were planned
-- Parameters: plan
-- Caller: tasks/ledger/plans.py
SELECT change, field, property, before, after, value, sources
FROM change_fields
WHERE plan = :plan
ORDER BY position
