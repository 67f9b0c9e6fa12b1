-- Purpose: how a cell ended
-- Parameters: plan, change, field, outcome
-- Caller: tasks/ledger/plans.py
UPDATE change_fields SET outcome = :outcome
WHERE plan = :plan AND change = :change AND field = :field
