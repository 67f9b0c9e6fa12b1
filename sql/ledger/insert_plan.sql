-- Purpose: a plan's head
-- Parameters: id, run, mode, checksum, created_at, status, verdict, inputs, settled, linked, forecast, path, policy
-- Caller: tasks/ledger/plans.py
INSERT INTO plans (id, run, mode, checksum, created_at, status, verdict, inputs, settled, linked, forecast, path, policy)
VALUES (
    :id, :run, :mode, :checksum, :created_at, :status, :verdict, :inputs, :settled, :linked, :forecast, :path, :policy
)
