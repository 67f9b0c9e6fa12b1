-- Purpose: how far each system was pulled, in its own time
-- Parameters: none
-- Caller: tasks/ledger/snapshots.py
SELECT system, value
FROM watermarks
