-- Purpose: stored snapshots from before a time that no run goes on from and no held plan was made from
-- Parameters: before
-- Caller: tasks/ledger/retention.py
SELECT run, system, path
FROM snapshots
WHERE taken_at < :before AND path <> ''
    AND NOT EXISTS (
        SELECT 1 FROM watermarks WHERE watermarks.system = snapshots.system AND watermarks.run = snapshots.run
    )
    AND NOT EXISTS (SELECT 1 FROM plans WHERE plans.run = snapshots.run AND plans.status = 'held')
ORDER BY run, system
