-- Purpose: of what another statement selects, what is of the records named, or of records of the people named
-- Parameters: none; select: that statement
-- Caller: tasks/ledger/memory.py
SELECT *
FROM ({select}) AS found
WHERE ref IN (
    SELECT name
    FROM wanted
    UNION
    SELECT system || ':' || object || ':' || record_id
    FROM links
    WHERE person IN (SELECT name FROM wanted)
)
