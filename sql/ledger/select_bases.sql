-- Purpose: the bases of the asked fields
-- Parameters: none; {columns}: the wide table's columns
-- Caller: tasks/ledger/wide.py
SELECT ref, {columns}
FROM bases
