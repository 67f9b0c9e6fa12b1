-- Purpose: plans that left a record out
-- Parameters: ref
-- Caller: tasks/ledger/erasure.py
SELECT DISTINCT plan
FROM quarantine
WHERE system || ':' || object || ':' || record_id = :ref
