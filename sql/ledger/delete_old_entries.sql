-- Purpose: history from before a time
-- Parameters: before
-- Caller: tasks/ledger/retention.py
DELETE FROM journal
WHERE at < :before
