-- Purpose: one conflict, since the first plan that had it
-- Parameters: plan, position, id, person, field, sides, winner, rule, now
-- Caller: tasks/ledger/plans.py
INSERT INTO conflicts (plan, position, id, person, field, sides, winner, rule, since)
VALUES (
    :plan, :position, :id, :person, :field, :sides, :winner, :rule,
    COALESCE((SELECT MIN(since) FROM conflicts WHERE id = :id), :now)
)
