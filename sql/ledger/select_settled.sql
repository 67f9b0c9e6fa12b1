-- Purpose: the differences known and accepted
-- Parameters: none
-- Caller: tasks/ledger/memory.py
SELECT ref, field, golden, value, reason
FROM settled
ORDER BY ref, field
