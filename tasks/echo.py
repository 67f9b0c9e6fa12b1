"""Verb: settle what an interrupted run left open. A value equal to what we sent is our echo, never somebody's edit."""

import pandas as pd

from tasks.core import normalise
from tasks.core.model import Outcome, Receipt, reference
from tasks.core.planning import apply
from tasks.core.state import LINKS, PEOPLE, SETTLED, Advance, base_columns, empty, golden_columns
from tasks.ledger import Intent
from tasks.orchestrate import task
from tasks.session import Session


@task
def settle_intents(session: Session, statuses: dict[str, str]) -> int:
    """Peek at every record whose write nobody knows the end of; gives back how many there were.

    Where the record holds what we sent, its base becomes that and the write counts as applied; else it is planned anew.
    """
    intents = [i for i in session.ledger.outbox.open_intents() if i.change.system in session.active()]
    if not intents:
        return 0
    refs = {_reference(i): i.change.phone for i in intents if i.change.record_id}
    found = [
        session.connector(system).peek(where, session.now())
        for system, where in apply.addresses(list(refs), refs).items()
    ]
    present = normalise.normalise(found, session.policy, statuses)
    bases = []
    for intent in intents:
        echoed = _echo(intent, present, session)
        outcome = Outcome.APPLIED if echoed else Outcome.STALE
        receipt = Receipt(intent.change.id, outcome, intent.change.record_id, "settled after an interruption")
        session.ledger.outbox.receive(intent.run, intent.plan, [receipt], session.now())
        bases.append(pd.DataFrame([echoed], index=pd.Index([_reference(intent)], name="ref")) if echoed else None)
    _learn(session, [frame for frame in bases if frame is not None], intents[-1].run)
    for run in {intent.run for intent in intents}:
        if session.ledger.runs.get(run).finished_at is None:
            session.ledger.runs.finish(run, "interrupted", session.now())
    return len(intents)


def _reference(intent: Intent) -> str:
    return reference(intent.change.system, intent.change.object, intent.change.record_id or "")


def _echo(intent: Intent, present: pd.DataFrame, session: Session) -> dict[str, str]:
    """The base cells that this write explains; empty when the record doesn't hold what we sent."""
    ref = _reference(intent)
    if ref not in present.index:
        return {}
    mapped = session.policy.mapped(intent.change.system, intent.change.object)
    fields = {name: prop for name, prop in mapped.items() if prop in intent.change.fields}
    row = present.loc[ref]
    out: dict[str, str] = {}
    for name, prop in fields.items():
        if row[f"{name}_raw"] == intent.change.fields[prop]:
            out |= {name: str(row[name]), f"{name}_raw": str(row[f"{name}_raw"])}
    return out if len(out) == 2 * len(fields) else {}


def _learn(session: Session, bases: list[pd.DataFrame], run: str) -> None:
    if not bases:
        return
    fields = list(session.policy.fields)
    echoed = pd.concat(bases).groupby(level=0).last().reindex(columns=base_columns(fields)).astype("str")
    advance = Advance(
        links=empty(LINKS, "ref"),
        people=empty(PEOPLE, "person"),
        golden=empty(golden_columns(fields), "person"),
        bases=echoed.rename_axis("ref"),
        settled=empty(SETTLED),
    )
    session.ledger.memory.advance(advance, run, session.now())
