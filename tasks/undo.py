"""Verb: take a run back: recall what it wrote, look at that, and say what can go back and what is learned of it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pandas as pd

from tasks.core.errors import UsageError
from tasks.core.evidence import Evidence
from tasks.core.matching import Matching
from tasks.core.model import ALOWARE, Outcome, Snapshot
from tasks.core.plan import Verdict
from tasks.core.planning import apply, undo, undone
from tasks.core.planning.past import Past, past
from tasks.core.planning.propose import Proposal
from tasks.core.policy import Policy
from tasks.core.state import State, empty
from tasks.ledger import Intent
from tasks.orchestrate import task
from tasks.session import Session

SENT = ("change", "property", "record_id")


def check_run(session: Session, run_id: str) -> None:
    """Raises UsageError for a run that isn't there, that wrote nothing, or of which too little is kept."""
    plan = session.ledger.runs.get(run_id).plan
    if plan is None or not session.ledger.outbox.of_plan(plan):
        raise UsageError(f"Run {run_id} wrote nothing, so there is nothing to undo: `tandem status` names the latest.")
    if lost := session.ledger.plans.head(plan).lost:
        raise UsageError(f"The plan of run {run_id} {lost}: it can't be undone; `tandem history WHO` says what it did.")


@task
def recall_run(session: Session, run_id: str) -> Past:
    """What of that run took effect."""
    plans = session.ledger.plans
    plan_id = session.ledger.runs.get(run_id).plan or ""
    return past(plans.load(plan_id), plans.endings(plan_id), _sent(session.ledger.outbox.of_plan(plan_id)))


def _sent(intents: Iterable[Intent]) -> pd.DataFrame:
    """A row a value that its system acknowledged."""
    rows = [
        (intent.change.id, prop, intent.change.record_id)
        for intent in intents
        if intent.outcome is Outcome.APPLIED
        for prop in intent.change.fields
    ]
    return pd.DataFrame(rows, columns=list(SENT), dtype="str")


@task
def look_at_run(session: Session, past: Past, state: State) -> dict[str, Snapshot]:
    """What that run wrote, and what else is said of those people, as it is now; nothing of a paused system."""
    refs = past.records(state)
    where = apply.addresses(refs, _numbers(refs, past, state, session.policy))
    return {system: session.connector(system).peek(where.get(system, []), session.now()) for system in session.active()}


def _numbers(refs: "pd.Index[str]", past: Past, state: State, policy: Policy) -> dict[str, str]:
    """Reference of an Aloware contact → the number under which it is found now."""
    name = policy.phone_fields(ALOWARE, "contacts")[0]
    known = state.bases[name].reindex(refs).fillna(state.links["person"].reindex(refs).map(state.people["key"]))
    return apply.numbers(past.plan, state, policy) | {str(ref): number for ref, number in known.dropna().items()}


@task
def propose_undo(past: Past, evidence: Evidence, records: pd.DataFrame) -> Proposal:
    """The inverse of that run; see `planning.undo`."""
    return undo.propose(past, evidence, records)


@task
def conclude_proposal(
    proposal: Proposal, verdict: Verdict, past: Past, evidence: Evidence, records: pd.DataFrame
) -> tuple[Proposal, Verdict]:
    """What the ledger will learn of what the gate let pass, all of it or nothing; see `planning.undone`."""
    return undone.learn(proposal, past, evidence, records), undone.whole(verdict, proposal)


def nobody() -> Matching:
    """Nobody's key moves in an undo."""
    one = empty(("key", "key_before"), "person")
    none = pd.DataFrame()
    return Matching(none, one, none, none, none, pd.Series(dtype="str"), one.index, none, none)


def without_rows(snapshots: Mapping[str, Snapshot]) -> dict[str, Snapshot]:
    """What the systems are like, for a gate that mustn't take a few people for all."""
    return {system: replace(snapshot, frames={}) for system, snapshot in snapshots.items()}
