-- Purpose: the terms under which differences were settled
-- Parameters: none
-- Caller: tasks/ledger/memory.py
SELECT place, property, policy, vendor
FROM terms
ORDER BY place
