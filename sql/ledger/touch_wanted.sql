-- Purpose: the ledger learned something of everybody and everything that the transaction is about
-- Parameters: at
-- Caller: tasks/ledger/people.py
INSERT INTO touched (name, at)
SELECT wanted.name, :at FROM wanted
WHERE true
ON CONFLICT (name) DO UPDATE SET at = excluded.at
