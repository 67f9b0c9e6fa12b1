"""Verb: write down what was planned and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import pandas as pd

from tasks.core.evidence import Evidence, inputs
from tasks.core.looking.part import Looked
from tasks.core.model import Outcome, Receipt, Snapshot
from tasks.core.outcome import Result
from tasks.core.plan import ONE_TIME, UNDO, Plan, Verdict
from tasks.core.planning import apply, links, versions
from tasks.core.planning.drawing import drawn, plan_of
from tasks.core.planning.forecast import forecast
from tasks.core.planning.propose import Proposal
from tasks.core.planning.remainder import ENDED
from tasks.core.policy import Policy, policy_digest
from tasks.core.run import RunReport
from tasks.core.state import State
from tasks.orchestrate import task
from tasks.session import Session


@task
def record_evidence(session: Session, run: str, evidence: Evidence, looked: Looked | None) -> None:
    """Keep what that run's plan is made from, but for the snapshots, which go with the plan; and what it leaves to the
    next one."""
    session.ledger.evidence.store(plan_of(run), evidence, looked)


@task
def record_plan(
    session: Session,
    run: str,
    mode: str,
    proposal: Proposal,
    verdict: Verdict,
    snapshots: Sequence[Snapshot],
    state: State,
    known: State,
) -> Plan:
    """Store the snapshots and the plan; nothing that the ledger believes moves yet. `state` is the ledger as it is,
    `known` what of it the plan was made from."""
    now = session.now()
    digests = session.ledger.snapshots.store(run, snapshots)
    plan = drawn(proposal, verdict, run, mode, now, inputs(session.policy, digests, known))
    costs = {system: session.connector(system).forecast for system in session.active()}
    calls = forecast(plan, state, session.policy, costs)
    plan = replace(plan, forecast=calls, versions=versions.of_cells(plan, state))
    session.ledger.plans.store(plan, now, policy_digest(session.policy))
    session.ledger.journal.append(now, run, "tandem", "planned", plan.id, {"changes": len(plan.changes)})
    return plan


@task
def record_outcome(session: Session, plan: Plan, outcomes: pd.DataFrame, result: Result) -> RunReport:
    """Learn what the run established, and say how it ended. A one-time pull and an undo move no watermark and
    open no scope, a held run moves no watermark."""
    now, ledger = session.now(), session.ledger
    endings = apply.by_change(plan, outcomes)
    counts = _counts(plan, endings)
    held = plan.waits  # a set that fails may hold no change, and is still not to be believed
    with ledger.together():  # a run is over, or it isn't
        ledger.memory.advance(result.advance, plan.run, now)
        ledger.plans.mark_changes(plan.id, _receipts(plan, outcomes, endings))
        if plan.mode not in (ONE_TIME, UNDO):
            ledger.connections.rebased(plan.created_at)
        _keep_endings(session, plan, outcomes, now)
        if plan.mode != ONE_TIME and not held:
            ledger.snapshots.accept(plan.run)
            ledger.inbox.looked_at(plan.created_at)
        ledger.plans.mark(plan.id, "held" if held else "applied")
        ledger.journal.append(now, plan.run, "tandem", "applied", plan.id, counts)
        ledger.runs.finish(plan.run, "held" if held else "done", now)
    return RunReport(
        plan=plan,
        api_calls=session.calls(),
        receipts=counts,
        residuals=result.residuals,
        converged=not held and _converged(plan, outcomes, result, session.policy),
        refusals=_refusals(plan, outcomes),
        stale=_stale(plan, outcomes),
    )


def _keep_endings(session: Session, plan: Plan, outcomes: pd.DataFrame, now: datetime) -> None:
    """How every cell ended; those that may still be carried out stand on the ledger as it is now."""
    cells, waits = plan.cells[["change", "field"]], plan.cells["change"].isin(sorted(plan.held))
    session.ledger.plans.conclude(plan.id, cells[~waits].assign(outcome=outcomes["outcome"]), now)
    left = waits | ~outcomes["outcome"].isin(ENDED)
    if left.any():
        known = versions.of_cells(plan, session.state(plan.people))
        session.ledger.plans.stand_on(plan.id, cells[left].assign(version=known))


def _counts(plan: Plan, endings: Mapping[str, str]) -> dict[str, int]:
    """Changes by outcome; those that are held aren't counted."""
    untried = plan.held | plan.left_out
    tried = [ending for change, ending in endings.items() if change not in untried]
    return {outcome.value: tried.count(outcome.value) for outcome in Outcome}


def _converged(plan: Plan, outcomes: pd.DataFrame, result: Result, policy: Policy) -> bool | None:
    """No cell waits, is stale or failed, and everything written was found again; None where links are due."""
    if not outcomes["outcome"].isin([Outcome.APPLIED, Outcome.REFUSED]).all() or len(result.residuals):
        return False
    return None if links.due(plan, outcomes, policy) else True


def _receipts(plan: Plan, outcomes: pd.DataFrame, endings: Mapping[str, str]) -> list[Receipt]:
    reasons, untried = outcomes["reason"].groupby(plan.cells["change"]).first(), plan.held | plan.left_out
    return [
        Receipt(change, Outcome(ending), reason="" if pd.isna(reasons[change]) else reasons[change])
        for change, ending in endings.items()
        if change not in untried
    ]


def _refusals(plan: Plan, outcomes: pd.DataFrame) -> pd.DataFrame:
    """Changes that a vendor refused, with its reason."""
    rows = outcomes["outcome"].isin([Outcome.REFUSED, Outcome.FAILED])
    frame = pd.DataFrame({"change": plan.cells.loc[rows, "change"], "reason": outcomes.loc[rows, "reason"]})
    return frame.drop_duplicates("change").reset_index(drop=True)


def _stale(plan: Plan, outcomes: pd.DataFrame) -> pd.DataFrame:
    """Cells that weren't true any more when their turn came, and why; those that wait for a person had no turn."""
    rows = outcomes["outcome"].eq(Outcome.STALE.value) & ~plan.cells["change"].isin(sorted(plan.held))
    cells = plan.cells.loc[rows, ["change", "field"]]
    return cells.assign(reason=outcomes.loc[rows, "reason"]).reset_index(drop=True)
