-- Purpose: what people answered to conflicts: who, when, why, and what became of it (no ending: no run has taken it yet)
-- Parameters: none
-- Caller: analysts; created by tasks/ledger/migrate.py
CREATE VIEW audit_decisions AS
SELECT at, who, reason, person, field, value, plan, run, ending
FROM decisions
