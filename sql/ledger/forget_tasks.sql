-- Purpose: Tasks were in a Salesforce org that was replaced; what was heard of their communications stays
-- Parameters: none
-- Caller: tasks/ledger/connections.py
UPDATE communications SET
    task = NULL,
    who = NULL,
    logged = NULL,
    asked_at = NULL
