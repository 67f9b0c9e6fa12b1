-- Purpose: a plan belongs to one run
-- Parameters: run, plan
-- Caller: tasks/ledger/plans.py
UPDATE runs SET plan = :plan
WHERE id = :run
