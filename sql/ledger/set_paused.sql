-- Purpose: pause or resume a connected system
-- Parameters: system, paused
-- Caller: tasks/ledger/connections.py
UPDATE connections SET paused = :paused
WHERE system = :system AND disconnected_at IS NULL
