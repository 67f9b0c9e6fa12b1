-- Purpose: nobody is named yet
-- Parameters: none
-- Caller: tasks/ledger/db.py
DELETE FROM wanted
