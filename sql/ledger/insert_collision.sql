-- Purpose: one phone or e-mail claimed by several
-- Parameters: plan, position, kind, phone, records, chosen
-- Caller: tasks/ledger/plans.py
INSERT INTO collisions (plan, position, kind, phone, records, chosen)
VALUES (:plan, :position, :kind, :phone, :records, :chosen)
