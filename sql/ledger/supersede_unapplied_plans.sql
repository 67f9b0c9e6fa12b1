-- Purpose: plans made for an account that was replaced can't be applied any more
-- Parameters: none
-- Caller: tasks/ledger/connections.py
UPDATE plans SET status = 'superseded'
WHERE status IN ('open', 'held')
