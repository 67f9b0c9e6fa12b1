-- Purpose: a completed run moved a system's watermark
-- Parameters: system, value, run
-- Caller: tasks/ledger/snapshots.py
INSERT INTO watermarks (system, value, run)
VALUES (:system, :value, :run)
ON CONFLICT (system) DO UPDATE SET
    value = excluded.value,
    run = excluded.run
