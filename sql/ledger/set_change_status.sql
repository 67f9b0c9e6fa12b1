-- Purpose: a change ended
-- Parameters: plan, id, status, note
-- Caller: tasks/ledger/plans.py
UPDATE changes SET status = :status, note = :note
WHERE plan = :plan AND id = :id
