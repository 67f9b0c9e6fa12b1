-- Purpose: skip from now on whoever has that digest
-- Parameters: digest, now
-- Caller: tasks/ledger/suppressions.py
INSERT INTO suppressions (digest, since)
VALUES (:digest, :now)
ON CONFLICT (digest) DO NOTHING
