-- Purpose: how many changes each run planned, and how they ended
-- Parameters: none
-- Caller: analysts; created by tasks/ledger/migrate.py
CREATE VIEW audit_changes_by_run AS
SELECT
    plans.run,
    plans.id AS plan,
    plans.created_at,
    changes.system,
    changes.kind,
    changes.status,
    COUNT(*) AS changes
FROM changes
JOIN plans ON plans.id = changes.plan
GROUP BY plans.run, plans.id, plans.created_at, changes.system, changes.kind, changes.status
