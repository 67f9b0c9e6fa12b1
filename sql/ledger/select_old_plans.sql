-- Purpose: plans from before a time, but for one that a person is asked about
-- Parameters: before
-- Caller: tasks/ledger/retention.py
SELECT id, path
FROM plans
WHERE created_at < :before AND path <> '' AND status <> 'held'
ORDER BY created_at, id
