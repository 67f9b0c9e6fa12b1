-- Purpose: blank what a person's changes would write; must run before erase_changes
-- Parameters: person
-- Caller: tasks/ledger/erasure.py
UPDATE change_fields SET before = NULL, after = NULL, value = NULL, sources = NULL, version = NULL
WHERE (plan, change) IN (SELECT changes.plan, changes.id FROM changes WHERE changes.person = :person)
