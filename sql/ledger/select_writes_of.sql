-- Purpose: every cell that was ever planned for a person, with how its change was sent and answered, oldest first
-- Parameters: person
-- Caller: tasks/ledger/dossiers.py
SELECT
    changes.plan,
    plans.run,
    plans.mode,
    plans.status AS plan_status,
    plans.created_at AS planned_at,
    changes.id,
    changes.system,
    changes.object,
    COALESCE(outbox.receipt_record_id, changes.record_id) AS record_id,
    changes.kind,
    changes.reason,
    changes.rule,
    changes.status,
    changes.note,
    change_fields.field,
    change_fields.property,
    change_fields.before,
    change_fields.after,
    change_fields.value,
    change_fields.outcome,
    outbox.received_at
FROM changes
JOIN plans ON plans.id = changes.plan
JOIN change_fields ON change_fields.plan = changes.plan AND change_fields.change = changes.id
LEFT JOIN outbox ON outbox.plan = changes.plan AND outbox.change = changes.id
WHERE changes.person = :person
ORDER BY plans.created_at, changes.position, change_fields.position
