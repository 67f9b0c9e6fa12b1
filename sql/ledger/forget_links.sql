-- Purpose: drop the crosswalk of a system whose account was replaced; its history stays
-- Parameters: system
-- Caller: tasks/ledger/connections.py
DELETE FROM links
WHERE system = :system
