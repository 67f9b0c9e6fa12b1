-- Purpose: what became of a communication
-- Parameters: id, state, reason, person, who, task, logged, run
-- Caller: tasks/ledger/communications.py
UPDATE communications SET
    state = :state,
    reason = :reason,
    person = COALESCE(:person, person),
    who = COALESCE(:who, who),
    task = COALESCE(:task, task),
    logged = COALESCE(:logged, logged),
    run = :run
WHERE id = :id
