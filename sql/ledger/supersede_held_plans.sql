-- Purpose: at most one hold is open: a new plan replaces the one that waits
-- Parameters: none
-- Caller: tasks/ledger/plans.py
UPDATE plans SET status = 'superseded'
WHERE status = 'held'
