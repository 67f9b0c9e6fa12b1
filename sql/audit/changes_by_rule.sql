-- Purpose: how many changes each rule led to, and how they ended
-- Parameters: none
-- Caller: analysts; created by tasks/ledger/migrate.py
CREATE VIEW audit_changes_by_rule AS
SELECT rule, system, kind, status, COUNT(*) AS changes
FROM changes
GROUP BY rule, system, kind, status
