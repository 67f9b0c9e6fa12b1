-- Purpose: more was heard of a communication: it is to be logged, or logged anew
-- Parameters: id, parts, now
-- Caller: tasks/ledger/communications.py
INSERT INTO communications (id, parts, heard_at, state, reason)
VALUES (:id, :parts, :now, 'due', '')
ON CONFLICT (id) DO UPDATE SET
    parts = excluded.parts,
    heard_at = excluded.heard_at,
    state = 'due',
    reason = ''
