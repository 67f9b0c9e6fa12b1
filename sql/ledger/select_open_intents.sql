-- Purpose: writes that no conclusion has taken into account: end unknown, failed, or applied by a run that never finished
-- Parameters: none
-- Caller: tasks/ledger/outbox.py
SELECT o.run, o.plan, o.change, o.system, o.object, COALESCE(o.receipt_record_id, o.record_id) AS record_id, o.kind,
    o.phone, o.payload, o.intended_at, o.outcome, o.reason
FROM outbox o
JOIN runs r ON r.id = o.run
WHERE o.outcome IS NULL OR o.outcome = 'failed' OR (o.outcome = 'applied' AND r.finished_at IS NULL)
ORDER BY o.intended_at, o.run, o.change
