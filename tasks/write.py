"""Verb: carry out a stored plan: peek, intend, write, receive. Nothing that has moved, and nothing twice."""

from collections.abc import Mapping, Sequence

import pandas as pd

from tasks import progress, stopping
from tasks.core import normalise
from tasks.core.errors import Interrupted
from tasks.core.mapping import check_against
from tasks.core.model import ALOWARE, Address, Change, Outcome, Receipt, Snapshot
from tasks.core.plan import Plan
from tasks.core.planning import apply, staleness, versions
from tasks.core.state import State
from tasks.core.statuses import with_ids
from tasks.orchestrate import task
from tasks.session import Session


@task
def write(session: Session, plan: Plan, statuses: Mapping[str, str]) -> pd.DataFrame:
    """Write what is still true of the plan; one row a cell as `apply.not_attempted` shapes it.

    Each batch is peeked right before it is sent. A cell whose target or source moved is left for the next plan; one
    that already holds what was planned (a re-run after a crash) counts as applied. Raises PolicyError, and writes
    nothing, where a mapped property was renamed or taken away since the plan was made; Interrupted between two batches.
    """
    looks = [session.connector(system).peek([], session.now()) for system in session.active()]
    check_against(session.policy, {nothing.system: nothing.schema for nothing in looks})
    standing_on = staleness.references(plan)
    state, outcomes = session.state([*plan.people, *standing_on["ref"]]), apply.not_attempted(plan)
    may = _may(session, plan, state, outcomes)
    phones = apply.numbers(plan, state, session.policy)
    session.ledger.people.touch(plan.people, session.now())
    done = 0
    for system, heads in apply.batches(plan):
        cells = plan.cells[plan.cells["change"].isin(heads["id"]) & may]
        cells = _still_true(session, plan, cells, heads, standing_on, phones, outcomes, statuses)
        cells = _with_dispositions(session, cells, outcomes, statuses)
        with stopping.unbroken():
            _send(session, plan, system, apply.as_changes(heads, cells), cells, outcomes)
        done += len(heads)
        progress.report("write", done, len(plan.changes))
        if stopping.wanted():
            raise Interrupted(
                f"Interrupted after {done:,} of {len(plan.changes):,} changes; what was written is recorded. "
                f"`tandem apply {plan.id}` goes on with this plan, `tandem reconcile` makes a new one."
            )
    return outcomes


def _may(session: Session, plan: Plan, state: State, outcomes: pd.DataFrame) -> "pd.Series[bool]":
    """Per cell, whether it may be written as far as the ledger knows; the others get their reason here."""
    may = apply.allowed(plan, state, session.policy)
    outcomes.loc[~may & outcomes["reason"].isna(), "reason"] = "not allowed any more: its direction or connection"
    moved = versions.moved(plan, state)
    outcomes.loc[moved & may, "reason"] = "decided anew since the plan was made"
    doubtful = plan.cells["change"].isin(session.ledger.outbox.doubtful_creates(plan.id))
    outcomes.loc[doubtful & ~moved & may, "reason"] = "it may have been created already: `tandem reconcile` looks"
    return may & ~moved & ~doubtful


def _still_true(
    session: Session,
    plan: Plan,
    cells: pd.DataFrame,
    heads: pd.DataFrame,
    standing_on: pd.DataFrame,
    phones: Mapping[str, str],
    outcomes: pd.DataFrame,
    statuses: Mapping[str, str],
) -> pd.DataFrame:
    """The cells of one batch that may be sent; the others get their outcome here."""
    watched = standing_on[standing_on["cell"].isin(cells.index)]
    watched = watched[~staleness.written_by_us(watched, plan, outcomes)]
    watched = watched[watched["ref"].str.startswith(tuple(f"{system}:" for system in session.active()))]
    present = peek(session, apply.addresses(watched["ref"], phones), statuses)
    moved = staleness.stale_cells(plan, watched, present)
    there = staleness.already_there(plan, watched, present)
    taken = _taken_numbers(session, heads[heads["id"].isin(cells["change"])], statuses)
    outcomes.loc[moved, "reason"] = "moved since the plan saw it"
    outcomes.loc[there, "outcome"] = Outcome.APPLIED.value
    occupied = cells.index[cells["change"].isin(taken)]
    outcomes.loc[occupied, "reason"] = "somebody created it meanwhile"
    return cells.drop(index=cells.index.intersection(moved.union(there).union(occupied)))


def _with_dispositions(
    session: Session, cells: pd.DataFrame, outcomes: pd.DataFrame, statuses: Mapping[str, str]
) -> pd.DataFrame:
    """The cells with the ids of dispositions that were only foreseen when the plan was made."""
    cells = with_ids(cells, session.policy, statuses)
    outcomes.loc[cells.index[cells["after"].isna()], "reason"] = "its status has no disposition in Aloware any more"
    return cells[cells["after"].notna()]


def _taken_numbers(session: Session, heads: pd.DataFrame, statuses: Mapping[str, str]) -> list[str]:
    """Aloware creates whose number has a contact by now: Aloware must never have two for one number because of us."""
    creates = heads[(heads["system"] == ALOWARE) & (heads["kind"] == "create")]
    if creates.empty:
        return []
    present = peek(session, {ALOWARE: apply.unborn(creates["phone"])}, statuses)
    return list(creates.loc[creates["phone"].isin(present["key"].dropna()), "id"])


def _send(
    session: Session, plan: Plan, system: str, changes: Sequence[Change], cells: pd.DataFrame, outcomes: pd.DataFrame
) -> None:
    """Intent before the call, receipt right after it."""
    if not changes:
        return
    session.ledger.lease.renew(plan.run, session.now())
    session.ledger.outbox.intend(plan.run, plan.id, changes, session.now())
    receipts: list[Receipt] = []
    for receipt in session.connector(system).write(changes):
        session.ledger.outbox.receive(plan.run, plan.id, [receipt], session.now())
        receipts.append(receipt)
    apply.note(outcomes, cells, receipts)


def peek(session: Session, wanted: Mapping[str, Sequence[Address]], statuses: Mapping[str, str]) -> pd.DataFrame:
    """Those records as they are now, normalised."""
    now = session.now()
    found: list[Snapshot] = [session.connector(system).peek(list(where), now) for system, where in wanted.items()]
    return normalise.normalise(found, session.policy, statuses)


@task
def read_back(session: Session, plan: Plan, outcomes: pd.DataFrame, statuses: Mapping[str, str]) -> pd.DataFrame:
    """What the systems hold now of everything that was written, normalised; paused ones aren't asked."""
    refs, phones = apply.written(plan, outcomes)
    active = session.active()
    refs = [ref for ref in refs if ref.split(":")[0] in active]
    progress.report("read back", 0, len(refs))
    found = peek(session, apply.addresses(refs, phones), statuses)
    progress.report("read back", len(refs), len(refs))
    return found
