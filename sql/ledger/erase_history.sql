-- Purpose: blank whose link it was, and to which record
-- Parameters: person
-- Caller: tasks/ledger/erasure.py
UPDATE links_history SET record_id = '', person = NULL
WHERE person = :person
