-- Purpose: of what another statement selects, what is of the people named
-- Parameters: none; select: that statement
-- Caller: tasks/ledger/memory.py
SELECT *
FROM ({select}) AS found
WHERE person IN (SELECT name FROM wanted)
