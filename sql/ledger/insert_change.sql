-- Purpose: one planned write to one record
-- Parameters: plan, position, id, system, object, record_id, person, kind, phone, reason, rule, status
-- Caller: tasks/ledger/plans.py
INSERT INTO changes (plan, position, id, system, object, record_id, person, kind, phone, reason, rule, status, note)
VALUES (:plan, :position, :id, :system, :object, :record_id, :person, :kind, :phone, :reason, :rule, :status, '')
