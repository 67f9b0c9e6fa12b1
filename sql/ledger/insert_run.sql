-- Purpose: a run begins
-- Parameters: id, mode, now
-- Caller: tasks/ledger/runs.py
INSERT INTO runs (id, mode, started_at)
VALUES (:id, :mode, :now)
