-- Purpose: the history of one run, or all of it
-- Parameters: run (missing = all)
-- Caller: tasks/ledger/journal.py
SELECT seq, at, run, who, what, subject, details
FROM journal
WHERE CAST(:run AS TEXT) IS NULL OR run = :run
ORDER BY seq
