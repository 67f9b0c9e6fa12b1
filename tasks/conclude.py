"""Verb: say what the writes came to."""

from dataclasses import replace

import pandas as pd

from tasks.core import outcome
from tasks.core.outcome import Result
from tasks.core.plan import ONE_TIME, UNDO, Plan
from tasks.core.planning import one_time, undone
from tasks.orchestrate import task
from tasks.session import Session


@task
def conclude(session: Session, plan: Plan, outcomes: pd.DataFrame, present: pd.DataFrame) -> Result:
    """What may advance and what didn't stick; see `core.outcome`. A one-time pull teaches less: `planning.one_time`."""
    state = session.state([*plan.people, *plan.advance.golden.index] if plan.mode == UNDO else [])
    overtaken = undone.overtaken(plan, outcomes, state) if plan.mode == UNDO else None
    result = outcome.conclude(plan, outcomes, present, state.settled, overtaken)
    if plan.mode == ONE_TIME:
        return replace(result, advance=one_time.keep_written(result.advance, plan, outcomes))
    return result
