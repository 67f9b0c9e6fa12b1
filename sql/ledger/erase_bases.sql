-- Purpose: a record's bases
-- Parameters: ref
-- Caller: tasks/ledger/erasure.py
DELETE FROM bases
WHERE ref = :ref
