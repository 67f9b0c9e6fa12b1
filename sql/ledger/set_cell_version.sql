-- Purpose: the version of the ledger on which a cell that waits stands, after its run taught the ledger
-- Parameters: plan, change, field, version
-- Caller: tasks/ledger/plans.py
UPDATE change_fields SET version = :version
WHERE plan = :plan AND change = :change AND field = :field
