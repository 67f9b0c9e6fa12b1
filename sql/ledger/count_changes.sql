-- Purpose: how many changes of a plan stand how
-- Parameters: plan
-- Caller: tasks/ledger/trends.py
SELECT status, COUNT(*) AS changes
FROM changes
WHERE plan = :plan
GROUP BY status
