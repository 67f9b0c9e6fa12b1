-- Purpose: the crosswalk as it stands
-- Parameters: none
-- Caller: tasks/ledger/memory.py
SELECT system || ':' || object || ':' || record_id AS ref, system, object, record_id, person, role
FROM links
