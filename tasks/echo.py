"""Verbs: find out how writes ended that nobody heard of again, and what is learned from it. A value equal to what we
sent is our echo, never somebody's edit; a record like the one that we asked for is ours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from tasks.core import normalise
from tasks.core.errors import TandemError
from tasks.core.model import Outcome, Receipt, Snapshot
from tasks.core.outcome import Result
from tasks.core.plan import Plan
from tasks.core.planning import echo, versions
from tasks.core.planning.remainder import remainder
from tasks.core.state import LINKS, PEOPLE, SETTLED, Advance, base_columns, empty, golden_columns
from tasks.ledger import UNKNOWN, Intent
from tasks.orchestrate import task
from tasks.session import Session

SETTLED_LATE = "settled after an interruption"


@dataclass(frozen=True)
class Unconcluded:
    """What is left to conclude of a plan, and how its cells ended. `killed`: its run never came to its own end."""

    plan: Plan
    outcomes: pd.DataFrame
    killed: bool

    def tells_of(self, intent: Intent) -> bool:
        """Whether the conclusion will learn that write."""
        cells = self.plan.cells["change"].eq(intent.change.id) & self.outcomes["outcome"].ne(Outcome.STALE.value)
        return self.plan.id == intent.plan and bool(cells.any())


@task
def settle_intents(
    session: Session, statuses: Mapping[str, str], snapshots: Mapping[str, Snapshot] | None = None
) -> list[Unconcluded]:
    """Look how every write ended of which nobody knows it; gives back the plans of which there is more to conclude now.

    A write that took effect counts as applied, another one is planned anew. Whether a CRM has a record that we may have
    created is told by `snapshots` that don't lag; without them that stays open.
    """
    ledger = session.ledger
    intents = [i for i in ledger.outbox.open_intents() if i.change.system in session.active()]
    _answer(session, [i for i in intents if i.outcome in UNKNOWN], statuses, snapshots or {})
    killed = ledger.outbox.begun()
    plans = dict.fromkeys([*killed, *(intent.plan for intent in intents)])
    found = [left for plan in plans if (left := _left(session, plan, plan in killed))]
    _learn(session, [intent for intent in intents if not any(left.tells_of(intent) for left in found)], statuses)
    for plan in killed.keys() - {left.plan.id for left in found}:
        ledger.runs.finish(killed[plan], "interrupted", session.now())
    return found


@task
def learn_late(session: Session, left: Unconcluded, result: Result) -> None:
    """Learn of writes, after their run was over, that they took effect all the same."""
    now, cells = session.now(), left.plan.cells[["change", "field"]].assign(outcome=left.outcomes["outcome"])
    applied = cells[cells["outcome"] == Outcome.APPLIED]
    receipts = [Receipt(change, Outcome.APPLIED, reason=SETTLED_LATE) for change in applied["change"].unique()]
    with session.ledger.together():
        session.ledger.memory.advance(result.advance, left.plan.run, now)
        session.ledger.plans.mark_changes(left.plan.id, receipts)
        session.ledger.plans.conclude(left.plan.id, applied, now)


@task
def leave_open(session: Session, plan: Plan) -> None:
    """What a killed run didn't come to can still be had: `apply` goes on with it."""
    with session.ledger.together():
        session.ledger.runs.finish(plan.run, "interrupted", session.now())
        if not plan.waits:
            session.ledger.plans.mark(plan.id, "open")


def _answer(
    session: Session, intents: Sequence[Intent], statuses: Mapping[str, str], snapshots: Mapping[str, Snapshot]
) -> None:
    """Enter the receipts of those writes, as far as their ends can be known."""
    if not intents:
        return
    changes, now = [intent.change for intent in intents], session.now()
    lists = [
        snapshots[system] for system in sorted({c.system for c in changes if echo.in_a_list(c)} & snapshots.keys())
    ]
    looks = [session.connector(system).peek(where, now) for system, where in echo.addresses(changes).items()]
    users = {snapshot.system: snapshot.users for snapshot in (*lists, *looks)}
    there = normalise.normalise([*lists, *looks], session.policy, statuses)
    sent = normalise.normalise(echo.as_snapshots(changes, now, users), session.policy, statuses)
    there = there[~there.index.duplicated(keep="last")]
    found = echo.found(changes, sent, there, session.state().links, session.policy)
    for intent, record in zip(intents, found, strict=True):
        if echo.in_a_list(intent.change) and intent.change.system not in snapshots:
            continue
        outcome = Outcome.STALE if record is None else Outcome.APPLIED
        receipt = Receipt(intent.change.id, outcome, record or intent.change.record_id, SETTLED_LATE)
        session.ledger.outbox.receive(intent.run, intent.plan, [receipt], now)


def _left(session: Session, plan_id: str, killed: bool) -> Unconcluded | None:
    """What of that plan is to be concluded: all that its killed run hasn't, or what took effect after its end. None for
    a plan that can't be had any more, or of which nothing took effect."""
    head = session.ledger.plans.head(plan_id)
    if head.status == "superseded":
        return None
    try:
        plan = session.ledger.plans.load(plan_id)
    except TandemError:  # its files are gone, or somebody edited it
        return None
    plan = remainder(plan, session.ledger.plans.endings(plan_id)) if head.concluded else plan
    answered = [intent for intent in session.ledger.outbox.of_plan(plan_id) if intent.outcome is not None]
    sent = {intent.change.id: intent.change for intent in answered}
    receipts = [Receipt(i.change.id, i.outcome, i.change.record_id, i.reason) for i in answered if i.outcome]
    outcomes = echo.outcomes(plan, sent, receipts)
    moved = versions.moved(plan, session.state(plan.people))
    outcomes.loc[moved, "outcome"] = Outcome.STALE.value
    found = outcomes["outcome"].eq(Outcome.APPLIED).any()
    return Unconcluded(plan, outcomes, killed) if killed or found else None


def _learn(session: Session, intents: Sequence[Intent], statuses: Mapping[str, str]) -> None:
    """Of those writes that took effect: what they sent is the base of their record. No more is learned."""
    asked = {(intent.plan, intent.change.id) for intent in intents}
    known = [i for plan in sorted({i.plan for i in intents}) for i in session.ledger.outbox.of_plan(plan)]
    known = [i for i in known if (i.plan, i.change.id) in asked and i.outcome is Outcome.APPLIED]
    if not known:
        return
    changes, fields = [intent.change for intent in known], list(session.policy.fields)
    sent = normalise.normalise(echo.as_snapshots(changes, session.now(), {}), session.policy, statuses)
    bases = echo.bases(changes, sent, session.policy).reindex(columns=base_columns(fields))
    advance = Advance(
        links=empty(LINKS, "ref"),
        people=empty(PEOPLE, "person"),
        golden=empty(golden_columns(fields), "person"),
        bases=bases,
        settled=empty(SETTLED),
    )
    session.ledger.memory.advance(advance, known[-1].run, session.now())
