-- Purpose: drop the settled differences of a system whose account was replaced
-- Parameters: prefix (the system and a colon)
-- Caller: tasks/ledger/connections.py
DELETE FROM settled
WHERE SUBSTR(ref, 1, LENGTH(:prefix)) = :prefix
