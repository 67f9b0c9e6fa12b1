-- Purpose: close the open writes to an account that was replaced: nobody can ask it any more
-- Parameters: system, now
-- Caller: tasks/ledger/connections.py
UPDATE outbox SET outcome = 'stale', received_at = :now, reason = 'the account was replaced'
WHERE system = :system AND (outcome IS NULL OR outcome = 'failed')
