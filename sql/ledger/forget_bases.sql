-- Purpose: drop the bases of a system whose account was replaced
-- Parameters: system
-- Caller: tasks/ledger/connections.py
DELETE FROM bases
WHERE system = :system
