-- Purpose: all collisions that name a record or number like that
-- Parameters: pattern
-- Caller: tasks/ledger/erasure.py
SELECT plan, position, phone, records, chosen
FROM collisions
WHERE phone {matches} :pattern OR records {matches} :pattern
