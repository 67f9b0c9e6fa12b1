-- Purpose: writes without an answer, or that failed and will be tried again
-- Parameters: none
-- Caller: analysts; created by tasks/ledger/migrate.py
CREATE VIEW audit_unsettled_writes AS
SELECT run, plan, change, system, object, record_id, kind, intended_at, outcome, reason
FROM outbox
WHERE outcome IS NULL OR outcome = 'failed'
