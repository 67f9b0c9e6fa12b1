-- Purpose: the plans made last, newest first
-- Parameters: count
-- Caller: tasks/ledger/plans.py
SELECT id, run, mode, checksum, created_at, status
FROM plans
ORDER BY created_at DESC, id DESC
LIMIT :count
