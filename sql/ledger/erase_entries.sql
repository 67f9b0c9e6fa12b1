-- Purpose: blank what the journal says where it mentions somebody
-- Parameters: pattern
-- Caller: tasks/ledger/erasure.py
UPDATE journal SET subject = '', details = '{{}}'
WHERE subject {matches} :pattern OR details {matches} :pattern
