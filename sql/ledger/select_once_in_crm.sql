-- Purpose: people who had a CRM record once and have none now: it went with an account that was replaced
-- Parameters: none
-- Caller: tasks/ledger/memory.py
SELECT person
FROM links_history
WHERE system <> 'aloware' AND person IS NOT NULL
EXCEPT
SELECT person
FROM links
WHERE system <> 'aloware'
ORDER BY person
