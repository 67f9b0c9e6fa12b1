-- Purpose: a system's snapshot as stored by a run
-- Parameters: run, system, path, digest, taken_at, watermark, rows
-- Caller: tasks/ledger/snapshots.py
INSERT INTO snapshots (run, system, path, digest, taken_at, watermark, rows)
VALUES (:run, :system, :path, :digest, :taken_at, :watermark, :rows)
ON CONFLICT (run, system) DO UPDATE SET
    path = excluded.path,
    digest = excluded.digest,
    taken_at = excluded.taken_at,
    watermark = excluded.watermark,
    rows = excluded.rows
