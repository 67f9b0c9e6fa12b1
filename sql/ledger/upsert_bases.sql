-- Purpose: bases taken into account; a missing one leaves what is known
-- Parameters: ref, system, object, record_id and one for each of {columns}
-- Caller: tasks/ledger/wide.py
INSERT INTO bases (ref, system, object, record_id, {columns})
VALUES (:ref, :system, :object, :record_id, {values})
ON CONFLICT (ref) DO UPDATE SET {updates}
