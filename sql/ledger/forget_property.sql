-- Purpose: bases are of a property; where a field is mapped to another one, its sides join
-- Parameters: system, object; {column} and {raw} are one field's bases
-- Caller: tasks/ledger/wide.py
UPDATE bases SET {column} = NULL, {raw} = NULL
WHERE system = :system AND object = :object
