-- Purpose: records of the crosswalk that are neither tombstones nor retired
-- Parameters: tombstone, retired
-- Caller: tasks/ledger/memory.py
SELECT system, object, COUNT(*) AS records
FROM links
WHERE COALESCE(role, '') NOT IN (:tombstone, :retired)
GROUP BY system, object
