-- Purpose: keep every change of a link; must run before upsert_link
-- Parameters: system, object, record_id, person, role, now, run
-- Caller: tasks/ledger/memory.py
INSERT INTO links_history (system, object, record_id, person, role, since, run)
SELECT
    CAST(:system AS TEXT),
    CAST(:object AS TEXT),
    CAST(:record_id AS TEXT),
    CAST(:person AS TEXT),
    CAST(:role AS TEXT),
    CAST(:now AS TEXT),
    CAST(:run AS TEXT)
WHERE NOT EXISTS (
    SELECT 1
    FROM links
    WHERE system = :system AND object = :object AND record_id = :record_id
        AND COALESCE(person, '') = COALESCE(:person, '') AND COALESCE(role, '') = COALESCE(:role, '')
)
