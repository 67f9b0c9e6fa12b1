-- Purpose: communications of which something is to be logged, or that wait for their person
-- Parameters: none
-- Caller: tasks/ledger/communications.py
SELECT id, parts, task, who, logged, asked_at
FROM communications
WHERE state IN ('due', 'waiting')
ORDER BY id
