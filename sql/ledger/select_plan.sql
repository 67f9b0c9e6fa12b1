-- Purpose: a plan's head
-- Parameters: id
-- Caller: tasks/ledger/plans.py
SELECT id, run, mode, checksum, created_at, status, verdict, inputs, settled, linked, forecast, path, policy, concluded_at,
    overrides, erased_at, thinned_at
FROM plans
WHERE id = :id
