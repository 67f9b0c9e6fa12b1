-- Purpose: whose the records with the ids named are
-- Parameters: system, object
-- Caller: tasks/ledger/people.py
SELECT DISTINCT person
FROM links
WHERE system = :system AND object = :object AND record_id IN (SELECT name FROM wanted)
