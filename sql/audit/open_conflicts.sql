-- Purpose: conflicts of the latest plan that wait for a decision
-- Parameters: none
-- Caller: analysts; created by tasks/ledger/migrate.py
CREATE VIEW audit_open_conflicts AS
SELECT id, person, field, sides, rule, since, plan
FROM conflicts
WHERE COALESCE(winner, '') = ''
    AND plan = (
        SELECT id FROM plans
        WHERE status <> 'rejected' AND mode NOT IN ('one-time', 'undo')
        ORDER BY created_at DESC, id DESC LIMIT 1
    )
    AND NOT EXISTS (
        SELECT 1 FROM decisions
        WHERE decisions.person = conflicts.person AND decisions.field = conflicts.field AND decisions.ending IS NULL
    )
