-- Purpose: the holder is still at work; no row if the lease was taken over
-- Parameters: host, pid, started, run, now
-- Caller: tasks/ledger/lease.py
UPDATE lease SET renewed_at = :now
WHERE host = :host AND pid = :pid AND started = :started AND run = :run
