-- Purpose: rebases were taken into account by a completed run; a scope opened after it planned still waits
-- Parameters: planned_at
-- Caller: tasks/ledger/connections.py
UPDATE directions SET rebase = FALSE
WHERE rebase AND changed_at < :planned_at
