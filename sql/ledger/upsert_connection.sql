-- Purpose: connect a system: the first generation, or the next one
-- Parameters: system, account, now
-- Caller: tasks/ledger/connections.py
INSERT INTO connections (system, account, generation, connected_at, disconnected_at, paused)
VALUES (:system, :account, 1, :now, NULL, FALSE)
ON CONFLICT (system) DO UPDATE SET
    account = excluded.account,
    generation = connections.generation + 1,
    connected_at = excluded.connected_at,
    disconnected_at = NULL,
    paused = FALSE
