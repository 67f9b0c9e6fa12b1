-- Purpose: a person approved a held change
-- Parameters: plan, id
-- Caller: tasks/ledger/plans.py
UPDATE changes SET status = 'planned'
WHERE plan = :plan AND id = :id AND status = 'held'
