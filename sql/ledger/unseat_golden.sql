-- Purpose: values that stand with an account that was replaced stand with nobody: the next one's records are asked
-- Parameters: system; {column} is one of golden's that say whom a value stands with
-- Caller: tasks/ledger/wide.py
UPDATE golden SET {column} = ''
WHERE {column} = :system
