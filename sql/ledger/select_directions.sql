-- Purpose: the direction of every scope that was ever set
-- Parameters: none
-- Caller: tasks/ledger/connections.py
SELECT scope, direction, rebase
FROM directions
