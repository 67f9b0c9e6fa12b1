-- Purpose: blank what was sent for a person, and ask no more how it ended; must run before erase_changes
-- Parameters: person
-- Caller: tasks/ledger/erasure.py
UPDATE outbox SET
    payload = '{}',
    phone = '',
    record_id = NULL,
    receipt_record_id = NULL,
    reason = '',
    outcome = CASE WHEN outcome IS NULL OR outcome = 'failed' THEN 'stale' ELSE outcome END
WHERE EXISTS (SELECT 1 FROM changes WHERE changes.plan = outbox.plan AND changes.id = outbox.change AND changes.person = :person)
