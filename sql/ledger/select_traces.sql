-- Purpose: texts of a column in which somebody is found
-- Parameters: pattern
-- Caller: tasks/ledger/locating.py
SELECT DISTINCT {column} AS found{plan}
FROM {table}
WHERE {column} {matches} :pattern
