-- Purpose: what people let go or dropped of what the gate held: who, when, why
-- Parameters: none
-- Caller: analysts; created by tasks/ledger/migrate.py
CREATE VIEW audit_approvals AS
SELECT at, who, what, subject AS plan, run, details
FROM journal
WHERE what IN ('approved', 'rejected')
