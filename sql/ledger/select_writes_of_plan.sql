-- Purpose: the writes of a plan so far, and their answers
-- Parameters: plan
-- Caller: tasks/ledger/outbox.py
SELECT run, plan, change, system, object, COALESCE(receipt_record_id, record_id) AS record_id, kind, phone, payload,
    intended_at, outcome, reason
FROM outbox
WHERE plan = :plan
ORDER BY intended_at, change
