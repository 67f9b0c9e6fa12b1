-- Purpose: blank what a person's changes would write; must run before erase_changes
-- Parameters: person
-- Caller: tasks/ledger/erasure.py
UPDATE change_fields SET before = NULL, after = NULL, value = NULL, sources = NULL, version = NULL
WHERE EXISTS (SELECT 1 FROM changes WHERE changes.plan = change_fields.plan AND changes.id = change_fields.change AND changes.person = :person)
