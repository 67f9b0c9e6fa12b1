-- Purpose: the breakers of a plan that a person lifted
-- Parameters: id, overrides (JSON)
-- Caller: tasks/ledger/plans.py
UPDATE plans SET overrides = :overrides
WHERE id = :id
