-- Purpose: at most one hold is open: a new plan replaces the one that waits; but only an undo plans an undo anew
-- Parameters: mode
-- Caller: tasks/ledger/plans.py
UPDATE plans SET status = 'superseded'
WHERE status = 'held' AND (mode <> 'undo' OR :mode = 'undo')
