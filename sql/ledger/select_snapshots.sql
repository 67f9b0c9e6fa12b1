-- Purpose: the snapshots that a run stored
-- Parameters: run
-- Caller: tasks/ledger/snapshots.py
SELECT system, path, digest, taken_at, watermark, rows
FROM snapshots
WHERE run = :run
ORDER BY system
