-- Purpose: a plan was applied, rejected or replaced
-- Parameters: id, status
-- Caller: tasks/ledger/plans.py
UPDATE plans SET status = :status
WHERE id = :id
