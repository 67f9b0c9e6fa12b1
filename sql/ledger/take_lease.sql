-- Purpose: hold the ledger: nobody does, or exactly that holder who was found gone; one row if it worked
-- Parameters: host, boot, pid, started, run, now; gone_host, gone_pid, gone_run, gone_renewed_at
-- Caller: tasks/ledger/lease.py
INSERT INTO lease (name, host, boot, pid, started, since, run, renewed_at)
VALUES ('writer', :host, :boot, :pid, :started, :now, :run, :now)
ON CONFLICT (name) DO UPDATE SET
    host = excluded.host,
    boot = excluded.boot,
    pid = excluded.pid,
    started = excluded.started,
    since = excluded.since,
    run = excluded.run,
    renewed_at = excluded.renewed_at
WHERE lease.host = :gone_host AND lease.pid = :gone_pid AND lease.run = :gone_run
    AND lease.renewed_at = :gone_renewed_at
