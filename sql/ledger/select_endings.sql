-- Purpose: how a plan's cells ended so far, and on which version of the ledger they stand
-- Parameters: plan
-- Caller: tasks/ledger/plans.py
SELECT change, field, outcome, version
FROM change_fields
WHERE plan = :plan
ORDER BY position
