-- Purpose: what a plan teaches was learned
-- Parameters: id, now
-- Caller: tasks/ledger/plans.py
UPDATE plans SET concluded_at = :now
WHERE id = :id
