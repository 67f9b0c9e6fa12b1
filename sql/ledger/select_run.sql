-- Purpose: one run
-- Parameters: id
-- Caller: tasks/ledger/runs.py
SELECT id, mode, started_at, finished_at, outcome, plan
FROM runs
WHERE id = :id
