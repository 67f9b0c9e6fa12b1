-- Purpose: a settled difference whose value or golden has moved doesn't stand again when it moves back
-- Parameters: ref, field
-- Caller: tasks/ledger/memory.py
DELETE FROM settled
WHERE ref = :ref AND field = :field
