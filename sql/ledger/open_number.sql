-- Purpose: a person's key appeared: they own it from now on, its first known holder since ever ('')
-- Parameters: person, key, now, run
-- Caller: tasks/ledger/memory.py
INSERT INTO numbers (person, number, since, until, run)
SELECT
    CAST(:person AS TEXT),
    CAST(:key AS TEXT),
    CASE WHEN EXISTS (SELECT 1 FROM numbers WHERE number = :key) THEN :now ELSE '' END,
    NULL,
    CAST(:run AS TEXT)
WHERE COALESCE(:key, '') <> ''
    AND NOT EXISTS (SELECT 1 FROM numbers WHERE person = :person AND number = :key AND until IS NULL)
