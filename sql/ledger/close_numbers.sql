-- Purpose: a person's key moved: their period of owning the old number ends
-- Parameters: person, key, now
-- Caller: tasks/ledger/memory.py
UPDATE numbers SET until = :now
WHERE person = :person AND until IS NULL AND number <> COALESCE(:key, '')
