-- Purpose: how far the events that nobody has read yet reach
-- Parameters: none
-- Caller: tasks/ledger/inbox.py
SELECT MIN(seq) AS first, MAX(seq) AS last
FROM inbox
WHERE outcome IS NULL
