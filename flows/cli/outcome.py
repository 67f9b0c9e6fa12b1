"""A script's view of how it went: exit codes."""

from tasks.core.errors import TandemError
from tasks.core.plan import Plan
from tasks.core.run import RunReport

DONE, HELD, STALE, REFUSED = 0, 20, 21, 22


class Undelivered(TandemError):
    """Some writes found no answer; they may be tried again."""

    exit_code = 11


def of_plan(plan: Plan) -> int:
    return HELD if plan.waits else DONE


def of_run(report: RunReport) -> int:
    """Held says more than refused, refused more than stale. Raises Undelivered when writes are to be tried again."""
    done = {outcome: report.receipts.get(outcome, 0) for outcome in ("applied", "refused", "failed", "stale")}
    if done["failed"]:
        raise Undelivered(
            f"{done['applied']} changes were applied and {done['failed']} could not be delivered: "
            "run `tandem reconcile` to try again"
        )
    if of_plan(report.plan) == HELD:
        return HELD
    if done["refused"]:
        return REFUSED
    return STALE if done["stale"] and not done["applied"] else DONE
