-- Purpose: a run has looked at the contacts that were heard of before it began
-- Parameters: before
-- Caller: tasks/ledger/inbox.py
DELETE FROM contacts_heard
WHERE at <= :before
