-- Purpose: connected systems whose last accepted pull isn't that of the latest reconcile, or that never had one
-- Parameters: none
-- Caller: analysts; created by tasks/ledger/migrate.py
CREATE VIEW audit_stale_watermarks AS
SELECT
    connections.system,
    connections.paused,
    watermarks.run AS accepted_run,
    snapshots.taken_at,
    COUNT(runs.id) AS runs_since
FROM connections
LEFT JOIN watermarks ON watermarks.system = connections.system
LEFT JOIN snapshots ON snapshots.system = watermarks.system AND snapshots.run = watermarks.run
LEFT JOIN runs ON runs.mode IN ('incremental', 'full') AND runs.started_at > COALESCE(snapshots.taken_at, '')
WHERE connections.disconnected_at IS NULL
GROUP BY connections.system, connections.paused, watermarks.run, snapshots.taken_at
HAVING watermarks.run IS NULL OR COUNT(runs.id) > 0
