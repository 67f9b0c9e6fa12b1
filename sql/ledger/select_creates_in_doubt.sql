-- Purpose: creates begun in a system since a moment, except those whose answer a concluded run has learned
-- Parameters: system, since
-- Caller: tasks/ledger/outbox.py
SELECT o.change
FROM outbox o
JOIN runs r ON r.id = o.run
WHERE o.system = :system AND o.kind = 'create' AND o.intended_at >= :since
    AND NOT (COALESCE(r.outcome, '') IN ('done', 'held') AND COALESCE(o.outcome, '') IN ('applied', 'refused'))
