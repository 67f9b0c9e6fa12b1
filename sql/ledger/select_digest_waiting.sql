-- Purpose: what goes no further without somebody: of which kind, about what, how many, since when
-- Parameters: none
-- Caller: tasks/ledger/digests.py
SELECT 'held' AS what, plan AS subject, COUNT(*) AS number, MIN(since) AS since
FROM audit_held GROUP BY plan
UNION ALL
SELECT 'conflict', field, COUNT(*), MIN(since) FROM audit_open_conflicts GROUP BY field
UNION ALL
SELECT 'collision', kind, COUNT(*), '' FROM audit_collisions GROUP BY kind
UNION ALL
SELECT 'quarantine', system || ' ' || object, COUNT(*), '' FROM audit_quarantine GROUP BY system || ' ' || object
UNION ALL
SELECT 'parked', field, COUNT(*), MIN(since) FROM audit_parked GROUP BY field
UNION ALL
SELECT 'communication', reason, COUNT(*), MIN(heard_at) FROM communications WHERE state = 'waiting' GROUP BY reason
UNION ALL
SELECT 'task', reason, COUNT(*), MIN(heard_at) FROM communications WHERE state = 'refused' GROUP BY reason
ORDER BY 1, 3 DESC, 2
