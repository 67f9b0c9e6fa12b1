-- Purpose: one record left out, and why
-- Parameters: plan, position, system, object, record_id, reason
-- Caller: tasks/ledger/plans.py
INSERT INTO quarantine (plan, position, system, object, record_id, reason)
VALUES (:plan, :position, :system, :object, :record_id, :reason)
