-- Purpose: a scope's rebase was taken into account by a completed run
-- Parameters: scope
-- Caller: tasks/ledger/connections.py
UPDATE directions SET rebase = FALSE
WHERE scope = :scope
