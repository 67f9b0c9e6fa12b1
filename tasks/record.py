"""Verb: write down what was planned and what came of it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import pandas as pd

from tasks.core.model import Outcome, Receipt, Snapshot
from tasks.core.outcome import Result
from tasks.core.plan import ONE_TIME, Plan, Verdict
from tasks.core.planning import apply, versions
from tasks.core.planning.forecast import forecast
from tasks.core.planning.propose import Proposal
from tasks.core.policy import digest_source, policy_digest
from tasks.core.run import RunReport
from tasks.core.state import State
from tasks.orchestrate import task
from tasks.session import Session


@task
def record_plan(
    session: Session,
    run: str,
    mode: str,
    proposal: Proposal,
    verdict: Verdict,
    snapshots: Sequence[Snapshot],
    state: State,
) -> Plan:
    """Store the snapshots and the plan; nothing that the ledger believes moves yet. `state` is the ledger as it is."""
    now = session.now()
    digests = session.ledger.snapshots.store(run, snapshots)
    plan = Plan(
        id="p" + run.removeprefix("r"),
        run=run,
        mode=mode,
        created_at=now,
        changes=proposal.changes,
        cells=proposal.cells,
        refused=proposal.refused,
        conflicts=proposal.conflicts,
        collisions=proposal.collisions,
        quarantine=proposal.quarantine,
        advance=proposal.advance,
        settled=proposal.settled,
        verdict=verdict,
        inputs=_inputs(digests, session, state),
        linked=proposal.linked,
    )
    costs = {system: session.connector(system).forecast for system in session.active()}
    known = forecast(plan, state, session.policy, costs), versions.of_cells(plan, state)
    plan = replace(plan, forecast=known[0], versions=known[1])
    session.ledger.plans.store(plan, now, policy_digest(session.policy))
    session.ledger.journal.append(now, run, "tandem", "planned", plan.id, {"changes": len(plan.changes)})
    return plan


def _inputs(digests: Mapping[str, str], session: Session, state: State) -> str:
    """One digest of all that a plan was made from: snapshots by content, policy, directions, the ledger's state."""
    total = hashlib.sha256(digest_source(session.policy))
    moving = sorted(state.rebasing), sorted(state.owed)
    for part in (sorted(digests.items()), sorted(state.directions.items()), *moving):
        total.update(repr(part).encode())
    for frame in (state.links, state.people, state.golden, state.bases, state.settled, state.decisions):
        total.update(_frame_bytes(frame))
    return total.hexdigest()


def _frame_bytes(frame: pd.DataFrame) -> bytes:
    """The same bytes for the same content, whatever the order of rows and columns."""
    flat = frame.reset_index()
    flat = flat[sorted(map(str, flat.columns))].astype("str")
    hashes: bytes = pd.util.hash_pandas_object(flat, index=False).sort_values().to_numpy().tobytes()
    return hashes


@task
def record_outcome(session: Session, plan: Plan, outcomes: pd.DataFrame, result: Result) -> RunReport:
    """Learn what the run established, and say how it ended. A one-time pull moves no watermark and opens no scope,
    a held run no watermark."""
    now, ledger = session.now(), session.ledger
    endings = apply.by_change(plan, outcomes)
    ledger.memory.advance(result.advance, plan.run, now)
    ledger.plans.mark_changes(plan.id, _receipts(plan, outcomes, endings))
    if plan.mode != ONE_TIME:
        ledger.connections.rebased(plan.created_at)
    counts = _counts(plan, endings)
    _keep_endings(session, plan, outcomes, now)
    held = plan.waits  # a set that fails may hold no change, and is still not to be believed
    if plan.mode != ONE_TIME and not held:
        ledger.snapshots.accept(plan.run)
    ledger.plans.mark(plan.id, "held" if held else "applied")
    ledger.journal.append(now, plan.run, "tandem", "applied", plan.id, counts)
    ledger.runs.finish(plan.run, "held" if held else "done", now)
    return RunReport(
        plan=plan,
        api_calls=session.calls(),
        receipts=counts,
        residuals=result.residuals,
        converged=not held and _converged(outcomes, result),
        refusals=_refusals(plan, outcomes),
    )


def _keep_endings(session: Session, plan: Plan, outcomes: pd.DataFrame, now: datetime) -> None:
    """How every cell ended; those that wait for a person stand on the ledger as it is now."""
    cells, waits = plan.cells[["change", "field"]], plan.cells["change"].isin(sorted(plan.held))
    session.ledger.plans.conclude(plan.id, cells[~waits].assign(outcome=outcomes["outcome"]), now)
    if waits.any():
        known = versions.of_cells(plan, session.state())
        session.ledger.plans.stand_on(plan.id, cells[waits].assign(version=known))


def _counts(plan: Plan, endings: Mapping[str, str]) -> dict[str, int]:
    """Changes by outcome; those that are held aren't counted."""
    tried = [ending for change, ending in endings.items() if change not in plan.held | plan.left_out]
    return {outcome.value: tried.count(outcome.value) for outcome in Outcome}


def _converged(outcomes: pd.DataFrame, result: Result) -> bool:
    """No cell waits, is stale or failed, and everything written was found again."""
    return bool(outcomes["outcome"].isin([Outcome.APPLIED, Outcome.REFUSED]).all()) and result.residuals.empty


def _receipts(plan: Plan, outcomes: pd.DataFrame, endings: Mapping[str, str]) -> list[Receipt]:
    reasons = outcomes["reason"].groupby(plan.cells["change"]).first()
    return [
        Receipt(change, Outcome(ending), reason="" if pd.isna(reasons[change]) else reasons[change])
        for change, ending in endings.items()
        if change not in plan.held | plan.left_out
    ]


def _refusals(plan: Plan, outcomes: pd.DataFrame) -> pd.DataFrame:
    """Changes that a vendor refused, with its reason."""
    rows = outcomes["outcome"].isin([Outcome.REFUSED, Outcome.FAILED])
    frame = pd.DataFrame({"change": plan.cells.loc[rows, "change"], "reason": outcomes.loc[rows, "reason"]})
    return frame.drop_duplicates("change").reset_index(drop=True)
