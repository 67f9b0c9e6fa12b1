-- Purpose: what a run's plan was made from isn't whole any more
-- Parameters: run, now
-- Caller: tasks/ledger/erasure.py
UPDATE plans SET thinned_at = COALESCE(thinned_at, :now)
WHERE run = :run
