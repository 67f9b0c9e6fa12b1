-- Purpose: what a plan was made from isn't whole any more
-- Parameters: id, now
-- Caller: tasks/ledger/erasure.py
UPDATE plans SET thinned_at = COALESCE(thinned_at, :now)
WHERE id = :id
