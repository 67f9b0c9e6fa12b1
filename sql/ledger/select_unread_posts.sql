-- Purpose: events that nobody has read yet, oldest first
-- Parameters: count
-- Caller: tasks/ledger/inbox.py
SELECT seq, at, source, text
FROM inbox
WHERE outcome IS NULL
ORDER BY seq
LIMIT :count
