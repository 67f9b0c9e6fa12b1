-- Purpose: whether any communication has its Task
-- Parameters: none
-- Caller: tasks/ledger/communications.py
SELECT id
FROM communications
WHERE task IS NOT NULL
LIMIT 1
