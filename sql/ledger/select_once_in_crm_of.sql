-- Purpose: which of the people named had a CRM record once and have none now: it went with an account that was replaced
-- Parameters: none
-- Caller: tasks/ledger/memory.py
SELECT person
FROM links_history
WHERE system <> 'aloware' AND person IN (SELECT name FROM wanted)
EXCEPT
SELECT person
FROM links
WHERE system <> 'aloware' AND person IN (SELECT name FROM wanted)
ORDER BY person
