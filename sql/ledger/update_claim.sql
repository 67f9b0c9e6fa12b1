-- Purpose: a collision without somebody
-- Parameters: plan, position, phone, records, chosen
-- Caller: tasks/ledger/erasure.py
UPDATE collisions SET phone = :phone, records = :records, chosen = :chosen
WHERE plan = :plan AND position = :position
