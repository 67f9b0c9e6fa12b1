-- Purpose: what was pulled last of each system, whether or not it was accepted
-- Parameters: none
-- Caller: tasks/ledger/snapshots.py
SELECT system, path, digest, taken_at, watermark, rows
FROM snapshots
WHERE NOT EXISTS (
    SELECT 1
    FROM snapshots AS later
    WHERE later.system = snapshots.system
        AND (later.taken_at > snapshots.taken_at OR (later.taken_at = snapshots.taken_at AND later.run > snapshots.run))
)
ORDER BY system
