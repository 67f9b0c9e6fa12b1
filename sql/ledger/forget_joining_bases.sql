-- Purpose: a record that became a shadow, or a CRM record that came to another person, joins when it speaks again
-- Parameters: ref, system, object, record_id, run, now
-- Caller: tasks/ledger/memory.py
DELETE FROM bases
WHERE ref = :ref AND EXISTS (
    SELECT 1
    FROM links
    WHERE links.system = :system AND links.object = :object AND links.record_id = :record_id
        AND links.run = :run AND links.since = :now
        AND (
            links.role = 'shadow'
            OR links.system <> 'aloware' AND links.role <> 'tombstone' AND EXISTS (
                SELECT 1
                FROM links_history AS earlier
                WHERE earlier.system = links.system AND earlier.object = links.object
                    AND earlier.record_id = links.record_id AND earlier.person <> links.person
            )
        )
)
