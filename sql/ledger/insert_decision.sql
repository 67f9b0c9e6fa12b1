-- Purpose: what a person answered to a conflict
-- Parameters: person, field, value, sides (JSON), who, reason, plan, now
-- Caller: tasks/ledger/decisions.py
INSERT INTO decisions (person, field, value, sides, who, reason, plan, at)
VALUES (:person, :field, :value, :sides, :who, :reason, :plan, :now)
