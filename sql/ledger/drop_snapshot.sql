-- Purpose: the files of a snapshot are gone
-- Parameters: run, system
-- Caller: tasks/ledger/retention.py
UPDATE snapshots SET path = ''
WHERE run = :run AND system = :system
