-- Purpose: a plan of which somebody's part was blanked can't be carried out, undone or made again
-- Parameters: id, now
-- Caller: tasks/ledger/erasure.py
UPDATE plans SET
    erased_at = COALESCE(erased_at, :now),
    status = CASE WHEN status IN ('open', 'held') THEN 'superseded' ELSE status END
WHERE id = :id
