-- Purpose: somebody has a number, since ever (''), since the time given, or since this run
-- Parameters: person, number, kind, at, now, run
-- Caller: tasks/ledger/memory.py
INSERT INTO numbers (person, number, kind, since, until, run)
SELECT
    CAST(:person AS TEXT),
    CAST(:number AS TEXT),
    CAST(:kind AS TEXT),
    COALESCE(CAST(:at AS TEXT), CAST(:now AS TEXT)),
    NULL,
    CAST(:run AS TEXT)
WHERE NOT EXISTS (
    SELECT 1
    FROM numbers
    WHERE person = :person AND number = :number AND kind = :kind AND until IS NULL
)
