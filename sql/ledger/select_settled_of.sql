-- Purpose: what is settled of one record, and since when
-- Parameters: ref
-- Caller: tasks/ledger/dossiers.py
SELECT ref, field, golden, value, reason, since, run
FROM settled
WHERE ref = :ref
ORDER BY field
