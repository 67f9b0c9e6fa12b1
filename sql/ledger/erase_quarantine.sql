-- Purpose: blank which record was left out
-- Parameters: ref
-- Caller: tasks/ledger/erasure.py
UPDATE quarantine SET record_id = '', reason = 'erased'
WHERE system || ':' || object || ':' || record_id = :ref
