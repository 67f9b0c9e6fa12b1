-- Purpose: from a run's snapshots the next run goes on: each system's, and how far it reached ('' = it can't be continued)
-- Parameters: run
-- Caller: tasks/ledger/snapshots.py
INSERT INTO watermarks (system, value, run)
SELECT system, COALESCE(watermark, ''), run
FROM snapshots
WHERE run = :run
ON CONFLICT (system) DO UPDATE SET
    value = excluded.value,
    run = excluded.run
