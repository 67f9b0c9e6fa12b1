-- Purpose: the ledger learned something of a person or record
-- Parameters: name, at
-- Caller: tasks/ledger/people.py
INSERT INTO touched (name, at)
VALUES (:name, :at)
ON CONFLICT (name) DO UPDATE SET at = excluded.at
