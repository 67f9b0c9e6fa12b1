-- Purpose: set a scope's direction; opening it asks for a rebase, closing it withdraws that
-- Parameters: scope, direction, now
-- Caller: tasks/ledger/connections.py
INSERT INTO directions (scope, direction, changed_at, rebase)
VALUES (:scope, :direction, :now, :direction = 'two-way')
ON CONFLICT (scope) DO UPDATE SET
    direction = excluded.direction,
    changed_at = excluded.changed_at,
    rebase = CASE WHEN directions.direction = excluded.direction THEN directions.rebase ELSE excluded.rebase END
