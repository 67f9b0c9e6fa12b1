-- Purpose: where a transaction names the people and records that it is about
-- Parameters: none
-- Caller: tasks/ledger/db.py
CREATE TEMPORARY TABLE IF NOT EXISTS wanted (name TEXT PRIMARY KEY)
