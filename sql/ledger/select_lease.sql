-- Purpose: who holds the ledger
-- Parameters: none
-- Caller: tasks/ledger/lease.py
SELECT host, boot, pid, started, since, run, renewed_at
FROM lease
