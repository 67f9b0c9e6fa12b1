-- Purpose: drop the watermark of a system whose account was replaced, and with it the last accepted snapshot
-- Parameters: system
-- Caller: tasks/ledger/connections.py
DELETE FROM watermarks
WHERE system = :system
