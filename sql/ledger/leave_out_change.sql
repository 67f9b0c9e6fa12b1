-- Purpose: a person excepted a held change
-- Parameters: plan, id
-- Caller: tasks/ledger/plans.py
UPDATE changes SET status = 'left out'
WHERE plan = :plan AND id = :id AND status = 'held'
