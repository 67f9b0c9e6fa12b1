-- Purpose: changes that wait for a person now
-- Parameters: none
-- Caller: analysts; created by tasks/ledger/migrate.py
CREATE VIEW audit_held AS
SELECT plans.id AS plan, plans.run, plans.created_at AS since, changes.id AS change, changes.system, changes.object,
    changes.record_id, changes.kind, changes.person, changes.phone, changes.rule, changes.reason
FROM changes
JOIN plans ON plans.id = changes.plan
WHERE plans.status = 'held' AND changes.status = 'held'
