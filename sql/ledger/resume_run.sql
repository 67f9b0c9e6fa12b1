-- Purpose: a run that was over is at work again
-- Parameters: id
-- Caller: tasks/ledger/runs.py
UPDATE runs SET finished_at = NULL, outcome = NULL
WHERE id = :id
