-- Purpose: what became of a communication; its Task may still be under way (asked_at) only where nobody knows (unknown)
-- Parameters: id, state, reason, person, who, task, logged, unknown, run
-- Caller: tasks/ledger/communications.py
UPDATE communications SET
    state = :state,
    reason = :reason,
    person = COALESCE(:person, person),
    who = COALESCE(:who, who),
    task = COALESCE(:task, task),
    logged = COALESCE(:logged, logged),
    asked_at = CASE WHEN :unknown THEN asked_at END,
    run = :run
WHERE id = :id
