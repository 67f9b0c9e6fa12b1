-- Purpose: one property of a planned write
-- Parameters: plan, position, change, field, property, before, after, value, sources, version
-- Caller: tasks/ledger/plans.py
INSERT INTO change_fields (plan, position, change, field, property, before, after, value, sources, version)
VALUES (:plan, :position, :change, :field, :property, :before, :after, :value, :sources, :version)
