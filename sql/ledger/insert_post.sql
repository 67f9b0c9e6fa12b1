-- Purpose: an event as it came
-- Parameters: at, source, text
-- Caller: tasks/ledger/inbox.py
INSERT INTO inbox (at, source, text)
VALUES (:at, :source, :text)
