-- Purpose: one line of history
-- Parameters: at, run, who, what, subject, details
-- Caller: tasks/ledger/journal.py
INSERT INTO journal (at, run, who, what, subject, details)
VALUES (:at, :run, :who, :what, :subject, :details)
