-- Purpose: what an absorbed person had, and when, is their survivor's
-- Parameters: person, survivor
-- Caller: tasks/ledger/memory.py
UPDATE numbers SET person = :survivor
WHERE person = :person
