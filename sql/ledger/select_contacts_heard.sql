-- Purpose: numbers of contacts that something happened to since a run looked
-- Parameters: none
-- Caller: tasks/ledger/inbox.py
SELECT number
FROM contacts_heard
ORDER BY number
