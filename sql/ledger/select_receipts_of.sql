-- Purpose: when we last wrote each of the records named, and of those of the people named
-- Parameters: none
-- Caller: tasks/ledger/memory.py
SELECT
    system || ':' || object || ':' || COALESCE(receipt_record_id, record_id) AS ref,
    MAX(received_at) AS at
FROM outbox
WHERE outcome = 'applied'
    AND system || ':' || object || ':' || COALESCE(receipt_record_id, record_id) IN (
        SELECT name
        FROM wanted
        UNION
        SELECT system || ':' || object || ':' || record_id
        FROM links
        WHERE person IN (SELECT name FROM wanted)
    )
GROUP BY ref
