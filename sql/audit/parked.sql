-- Purpose: values that a system refused for good: not planned again until value, record or mapping change
-- Parameters: none
-- Caller: analysts; created by tasks/ledger/migrate.py
CREATE VIEW audit_parked AS
SELECT ref, field, golden, value, reason, since, run
FROM settled
WHERE reason LIKE 'parked: %'
