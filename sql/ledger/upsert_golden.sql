-- Purpose: golden values decided; a missing one leaves what is known
-- Parameters: person and one for each of {columns}
-- Caller: tasks/ledger/wide.py
INSERT INTO golden (person, {columns})
VALUES (:person, {values})
ON CONFLICT (person) DO UPDATE SET {updates}
