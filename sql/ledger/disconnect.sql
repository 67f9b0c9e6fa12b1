-- Purpose: disconnect a system; what is known of its records stays
-- Parameters: system, now
-- Caller: tasks/ledger/connections.py
UPDATE connections SET disconnected_at = :now, paused = FALSE
WHERE system = :system AND disconnected_at IS NULL
