-- Purpose: rows of a table that are somebody's, or mention them
-- Parameters: people, refs, pattern, as the conditions use them
-- Caller: tasks/ledger/locating.py
SELECT *
FROM {table}
WHERE {conditions}
