-- Purpose: plans that runs which never finished had begun to carry out
-- Parameters: none
-- Caller: tasks/ledger/outbox.py
SELECT o.plan, o.run
FROM outbox o
JOIN runs r ON r.id = o.run
WHERE r.finished_at IS NULL
GROUP BY o.plan, o.run
ORDER BY MIN(o.intended_at), o.plan
