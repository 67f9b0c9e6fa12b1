-- Purpose: every system ever connected, as it stands
-- Parameters: none
-- Caller: tasks/ledger/connections.py
SELECT system, account, generation, connected_at, disconnected_at, paused
FROM connections
ORDER BY system
