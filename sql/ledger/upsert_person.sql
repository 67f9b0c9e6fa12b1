-- Purpose: a person founded, or keyed by another number
-- Parameters: person, key, born, now, run
-- Caller: tasks/ledger/memory.py
INSERT INTO people (person, key, born, since, run)
VALUES (:person, :key, :born, :now, :run)
ON CONFLICT (person) DO UPDATE SET
    key = excluded.key,
    born = excluded.born,
    run = excluded.run
WHERE COALESCE(people.key, '') <> COALESCE(excluded.key, '') OR COALESCE(people.born, '') <> COALESCE(excluded.born, '')
