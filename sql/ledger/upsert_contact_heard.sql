-- Purpose: something happened to the contact with that number
-- Parameters: number, at
-- Caller: tasks/ledger/communications.py
INSERT INTO contacts_heard (number, at)
VALUES (:number, :at)
ON CONFLICT (number) DO UPDATE SET
    at = CASE WHEN excluded.at > contacts_heard.at THEN excluded.at ELSE contacts_heard.at END
