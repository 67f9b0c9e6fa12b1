-- Purpose: phones and e-mails that several people or records claim, as of the latest plan
-- Parameters: none
-- Caller: analysts; created by tasks/ledger/migrate.py
CREATE VIEW audit_collisions AS
SELECT kind, phone, records, chosen, plan
FROM collisions
WHERE plan = (SELECT id FROM plans WHERE status <> 'rejected' ORDER BY created_at DESC, id DESC LIMIT 1)
