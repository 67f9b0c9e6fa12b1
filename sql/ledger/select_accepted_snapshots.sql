-- Purpose: each system's last accepted snapshot, and how far it reached ('' = it can't be continued)
-- Parameters: none
-- Caller: tasks/ledger/snapshots.py
SELECT
    snapshots.run,
    snapshots.system,
    snapshots.path,
    snapshots.digest,
    snapshots.taken_at,
    watermarks.value AS watermark,
    snapshots.rows
FROM watermarks
JOIN snapshots ON snapshots.system = watermarks.system AND snapshots.run = watermarks.run
ORDER BY snapshots.system
