-- Purpose: a communication's Task is about to be created; answered by settle_communication
-- Parameters: id, now
-- Caller: tasks/ledger/communications.py
UPDATE communications SET asked_at = :now
WHERE id = :id
