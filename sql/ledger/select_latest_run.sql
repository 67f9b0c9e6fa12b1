-- Purpose: the run that began last
-- Parameters: none
-- Caller: tasks/ledger/runs.py
SELECT id, mode, started_at, finished_at, outcome, plan
FROM runs
ORDER BY started_at DESC, id DESC
LIMIT 1
