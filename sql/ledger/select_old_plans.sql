-- Purpose: plans from before a time that nobody can apply any more
-- Parameters: before
-- Caller: tasks/ledger/retention.py
SELECT id, path
FROM plans
WHERE created_at < :before AND path <> '' AND status NOT IN ('open', 'held')
ORDER BY created_at, id
