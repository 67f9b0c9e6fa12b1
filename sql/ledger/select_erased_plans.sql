-- Purpose: plans that can't be undone (erased) or made again (thinned), with their runs
-- Parameters: none
-- Caller: tasks/ledger/erasure.py
SELECT id, run, erased_at, thinned_at
FROM plans
WHERE erased_at IS NOT NULL OR thinned_at IS NOT NULL
ORDER BY created_at, id
