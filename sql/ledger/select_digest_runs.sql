-- Purpose: how the runs of a period ended; a blank: they didn't. Plans to be looked at have no end and aren't counted
-- Parameters: since, until
-- Caller: tasks/ledger/digests.py
SELECT COALESCE(outcome, '') AS outcome, COUNT(*) AS number
FROM runs
WHERE started_at > :since AND started_at <= :until AND (mode <> 'plan' OR finished_at IS NOT NULL)
GROUP BY COALESCE(outcome, '')
ORDER BY 2 DESC, 1
