-- Purpose: what an event turned out to be; its text is kept only where there is a reason why it says nothing (kept)
-- Parameters: seq, outcome, kept
-- Caller: tasks/ledger/communications.py
UPDATE inbox SET
    outcome = :outcome,
    text = CASE WHEN :kept = '' THEN '' ELSE text END
WHERE seq = :seq
