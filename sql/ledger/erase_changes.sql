-- Purpose: blank whom a change is about; one that didn't happen is left out
-- Parameters: person
-- Caller: tasks/ledger/erasure.py
UPDATE changes SET
    record_id = NULL,
    person = NULL,
    phone = '',
    reason = NULL,
    note = '',
    status = CASE WHEN status IN ('applied', 'refused') THEN status ELSE 'left out' END
WHERE person = :person
