-- Purpose: records left out of the latest plan, and why
-- Parameters: none
-- Caller: analysts; created by tasks/ledger/migrate.py
CREATE VIEW audit_quarantine AS
SELECT system, object, record_id, reason, plan
FROM quarantine
WHERE plan = (SELECT id FROM plans WHERE status <> 'rejected' ORDER BY created_at DESC, id DESC LIMIT 1)
