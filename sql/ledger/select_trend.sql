-- Purpose: the last plans up to one, newest first, with how many changes they had and what they reported
-- Parameters: plan, count
-- Caller: tasks/ledger/trends.py
SELECT plans.run, plans.id AS plan, plans.mode, plans.created_at,
    (SELECT COUNT(*) FROM conflicts WHERE conflicts.plan = plans.id) AS conflicts,
    (SELECT COUNT(*) FROM collisions WHERE collisions.plan = plans.id) AS collisions,
    (SELECT COUNT(*) FROM quarantine WHERE quarantine.plan = plans.id) AS quarantine
FROM plans
WHERE plans.created_at <= (SELECT latest.created_at FROM plans AS latest WHERE latest.id = :plan)
    AND (plans.id = :plan OR plans.mode <> 'plan' OR plans.concluded_at IS NOT NULL)
ORDER BY plans.created_at DESC, plans.id DESC
LIMIT :count
