-- Purpose: a difference known and accepted; one already settled keeps its time
-- Parameters: ref, field, golden, value, reason, now, run
-- Caller: tasks/ledger/memory.py
INSERT INTO settled (ref, field, golden, value, reason, since, run)
VALUES (:ref, :field, :golden, :value, :reason, :now, :run)
ON CONFLICT (ref, field) DO UPDATE SET
    golden = excluded.golden,
    value = excluded.value,
    reason = excluded.reason,
    since = excluded.since,
    run = excluded.run
WHERE COALESCE(settled.golden, '') <> COALESCE(excluded.golden, '')
    OR COALESCE(settled.value, '') <> COALESCE(excluded.value, '')
    OR COALESCE(settled.reason, '') <> COALESCE(excluded.reason, '')
