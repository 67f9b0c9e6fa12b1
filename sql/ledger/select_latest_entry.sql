-- Purpose: when something was journalled last
-- Parameters: what
-- Caller: tasks/ledger/digests.py
SELECT MAX(at) AS at
FROM journal
WHERE what = :what
