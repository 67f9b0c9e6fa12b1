-- Purpose: a plan's head
-- Parameters: id
-- Caller: tasks/ledger/plans.py
SELECT id, run, mode, checksum, created_at, status, verdict, inputs, settled, linked, forecast, path
FROM plans
WHERE id = :id
