-- Purpose: what is settled of a record, or of one that was to be created for a person
-- Parameters: word
-- Caller: tasks/ledger/erasure.py
DELETE FROM settled
WHERE ref = :word OR ref LIKE '%:+' || CAST(:word AS TEXT)
