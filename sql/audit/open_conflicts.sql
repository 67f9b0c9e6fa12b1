-- Purpose: conflicts of the latest plan that wait for a decision
-- Parameters: none
-- Caller: analysts; created by tasks/ledger/migrate.py
CREATE VIEW audit_open_conflicts AS
SELECT id, person, field, sides, rule, since, plan
FROM conflicts
WHERE COALESCE(winner, '') = ''
    AND plan = (SELECT id FROM plans WHERE status <> 'rejected' ORDER BY created_at DESC, id DESC LIMIT 1)
