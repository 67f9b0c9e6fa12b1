-- Purpose: the holder is done
-- Parameters: host, pid, started, run
-- Caller: tasks/ledger/lease.py
DELETE FROM lease
WHERE host = :host AND pid = :pid AND started = :started AND run = :run
