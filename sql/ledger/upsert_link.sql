-- Purpose: a record linked to a person, or a link that changed
-- Parameters: system, object, record_id, person, role, now, run
-- Caller: tasks/ledger/memory.py
INSERT INTO links (system, object, record_id, person, role, since, run)
VALUES (:system, :object, :record_id, :person, :role, :now, :run)
ON CONFLICT (system, object, record_id) DO UPDATE SET
    person = excluded.person,
    role = excluded.role,
    since = excluded.since,
    run = excluded.run
WHERE COALESCE(links.person, '') <> COALESCE(excluded.person, '') OR COALESCE(links.role, '') <> COALESCE(excluded.role, '')
