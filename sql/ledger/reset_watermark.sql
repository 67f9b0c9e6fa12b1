-- Purpose: a system was connected anew: its next run reads everything
-- Parameters: system
-- Caller: tasks/ledger/connections.py
UPDATE watermarks
SET value = ''
WHERE system = :system
