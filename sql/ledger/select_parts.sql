-- Purpose: what was heard of a communication so far
-- Parameters: id
-- Caller: tasks/ledger/communications.py
SELECT parts
FROM communications
WHERE id = :id
