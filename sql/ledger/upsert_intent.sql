-- Purpose: a write is about to be asked for; one that was already applied stays so, unless more of it is asked for
-- Parameters: run, plan, change, system, object, record_id, kind, phone, payload, now
-- Caller: tasks/ledger/outbox.py
INSERT INTO outbox (run, plan, change, system, object, record_id, kind, phone, payload, intended_at)
VALUES (:run, :plan, :change, :system, :object, :record_id, :kind, :phone, :payload, :now)
ON CONFLICT (run, plan, change) DO UPDATE SET
    payload = excluded.payload,
    intended_at = excluded.intended_at,
    outcome = NULL,
    received_at = NULL,
    receipt_record_id = NULL,
    reason = NULL
WHERE outbox.outcome IS NULL OR outbox.outcome <> 'applied' OR outbox.payload <> excluded.payload
