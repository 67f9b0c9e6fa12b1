-- Purpose: a system answered about a write
-- Parameters: run, plan, change, outcome, record_id, reason, now
-- Caller: tasks/ledger/outbox.py
UPDATE outbox SET outcome = :outcome, received_at = :now, receipt_record_id = :record_id, reason = :reason
WHERE run = :run AND plan = :plan AND change = :change
