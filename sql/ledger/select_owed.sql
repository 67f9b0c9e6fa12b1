-- Purpose: CRM creates of plans that were begun, which no system has carried out or refused yet
-- Parameters: none
-- Caller: tasks/ledger/memory.py
SELECT DISTINCT changes.system, changes.phone
FROM changes
WHERE kind = 'create' AND system <> 'aloware' AND status NOT IN ('applied', 'refused')
    AND EXISTS (SELECT 1 FROM outbox WHERE outbox.plan = changes.plan)
    AND NOT EXISTS (
        SELECT 1
        FROM outbox
        WHERE outbox.plan = changes.plan AND outbox.change = changes.id AND outbox.outcome IN ('applied', 'refused')
    )
ORDER BY changes.system, changes.phone
