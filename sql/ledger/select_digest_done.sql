-- Purpose: changes of the runs that ended in a period, by system, kind and how they stand
-- Parameters: since, until
-- Caller: tasks/ledger/digests.py
SELECT changes.system, changes.kind, changes.status, COUNT(*) AS number
FROM runs
JOIN changes ON changes.plan = runs.plan
WHERE runs.finished_at > :since AND runs.finished_at <= :until AND changes.status IN ('applied', 'refused')
GROUP BY changes.system, changes.kind, changes.status
ORDER BY changes.system DESC, changes.status, changes.kind
