-- Purpose: which property a field is mapped to in an object, and what policy and vendor say of it
-- Parameters: place, property, policy, vendor
-- Caller: tasks/ledger/memory.py
INSERT INTO terms (place, property, policy, vendor)
VALUES (:place, :property, :policy, :vendor)
ON CONFLICT (place) DO UPDATE SET
    property = excluded.property,
    policy = excluded.policy,
    vendor = excluded.vendor
