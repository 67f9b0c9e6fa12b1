-- Purpose: a run ends, for whatever reason
-- Parameters: id, outcome, now
-- Caller: tasks/ledger/runs.py
UPDATE runs SET finished_at = :now, outcome = :outcome
WHERE id = :id
