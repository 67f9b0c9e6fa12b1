-- Purpose: the latest plan that looked at everybody: neither a one-time pull nor an undo
-- Parameters: none
-- Caller: tasks/ledger/dossiers.py
SELECT id, run, created_at
FROM plans
WHERE mode NOT IN ('one-time', 'undo')
ORDER BY created_at DESC, id DESC
LIMIT 1
