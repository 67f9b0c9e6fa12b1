-- Purpose: what people decided and no run has taken into account yet; of several answers, the last
-- Parameters: none
-- Caller: tasks/ledger/memory.py
SELECT person, field, value, sides
FROM decisions
WHERE ending IS NULL
ORDER BY seq
