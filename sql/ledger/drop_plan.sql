-- Purpose: the files of a plan are gone
-- Parameters: id
-- Caller: tasks/ledger/retention.py
UPDATE plans SET path = ''
WHERE id = :id
