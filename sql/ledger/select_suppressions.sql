-- Purpose: keyed digests of whom we were asked to forget
-- Parameters: none
-- Caller: tasks/ledger/suppressions.py
SELECT digest
FROM suppressions
ORDER BY digest
