-- Purpose: when we last wrote each record
-- Parameters: none
-- Caller: tasks/ledger/memory.py
SELECT
    system || ':' || object || ':' || COALESCE(receipt_record_id, record_id) AS ref,
    MAX(received_at) AS at
FROM outbox
WHERE outcome = 'applied' AND COALESCE(receipt_record_id, record_id) IS NOT NULL
GROUP BY ref
