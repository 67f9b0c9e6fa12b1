-- Purpose: the links of a person's records as they were from a time on, oldest first
-- Parameters: person
-- Caller: tasks/ledger/dossiers.py
SELECT system || ':' || object || ':' || record_id AS ref, person, role, since, run
FROM links_history
WHERE person = :person
ORDER BY since, system, object, record_id
