-- Purpose: blank whom a refusal is about, and its values
-- Parameters: person
-- Caller: tasks/ledger/erasure.py
UPDATE refused SET record_id = NULL, person = NULL, phone = '', before = NULL, after = NULL, reason = 'erased'
WHERE person = :person
