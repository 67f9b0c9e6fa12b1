-- Purpose: somebody has a number no more, since the time given or this run
-- Parameters: person, number, kind, at, now
-- Caller: tasks/ledger/memory.py
UPDATE numbers SET until = COALESCE(:at, :now)
WHERE person = :person AND number = :number AND kind = :kind AND until IS NULL
