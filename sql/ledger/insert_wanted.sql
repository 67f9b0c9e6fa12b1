-- Purpose: a person or record that the transaction is about
-- Parameters: name
-- Caller: tasks/ledger/db.py
INSERT INTO wanted (name) VALUES (:name)
