-- Purpose: one cell that would fail, since the first plan that said so
-- Parameters: plan, position, system, object, record_id, person, kind, phone, field, property, before, after, reason, now
-- Caller: tasks/ledger/plans.py
INSERT INTO refused
    (plan, position, system, object, record_id, person, kind, phone, field, property, before, after, reason, since)
VALUES (
    :plan, :position, :system, :object, :record_id, :person, :kind, :phone, :field, :property, :before, :after, :reason,
    COALESCE((
        SELECT MIN(since)
        FROM refused
        WHERE system = :system AND object = :object AND property = :property
            AND COALESCE(record_id, person) = COALESCE(:record_id, :person)
    ), :now)
)
