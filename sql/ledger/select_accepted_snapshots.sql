-- Purpose: each system's snapshot of the last run that went through without a hold
-- Parameters: none
-- Caller: tasks/ledger/snapshots.py
SELECT system, path, digest, taken_at, watermark, rows
FROM (
    SELECT
        snapshots.*,
        ROW_NUMBER() OVER (PARTITION BY snapshots.system ORDER BY runs.started_at DESC, runs.id DESC) AS age
    FROM snapshots
    JOIN runs ON runs.id = snapshots.run
    WHERE runs.outcome = 'done'
) AS accepted
WHERE age = 1
ORDER BY system
