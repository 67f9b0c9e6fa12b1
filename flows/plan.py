"""Say what should change, and change nothing."""

from collections.abc import Mapping, Sequence

from tasks.core.model import ALOWARE, Snapshot
from tasks.core.plan import Plan
from tasks.core.policy import check_against
from tasks.core.run import Drafted
from tasks.diff import diff, doubtful_numbers
from tasks.echo import settle_intents
from tasks.gate import gate
from tasks.match import match
from tasks.narrow import narrow, narrow_to_aloware
from tasks.normalise import normalise
from tasks.orchestrate import flow
from tasks.publish import publish_plan
from tasks.pull import last_accepted, look_up, pull, unseen_numbers
from tasks.record import record_plan
from tasks.resolve import propose, resolve, resolve_once
from tasks.session import Session, open_session
from tasks.statuses import mirror_statuses


@flow(name="plan")
def plan(full: bool = False, initial: bool = False, only: Sequence[str] = (), retry_parked: bool = False) -> Drafted:
    """Pull, compare, decide, judge, store. `only` narrows the plan to the people with those phone numbers."""
    with open_session(read_only=True) as session:
        session.check_settings(session.connected())
        run = session.ledger.runs.begin("plan", session.now())
        with session.ledger.lease.held(run, session.now()):
            statuses = mirror_statuses(session)
            snapshots = look(session)
            made = draft(session, run, "plan", snapshots, statuses, initial, only)
        publish_plan(made)
        return Drafted(made, session.calls())


def look(session: Session) -> dict[str, Snapshot]:
    """A snapshot of every connected system; of a paused one, the last that was accepted."""
    active = session.active()
    snapshots = {}
    for system in session.connected():
        taken = pull(session, system) if system in active else last_accepted(session, system)
        if taken is not None:
            snapshots[system] = taken
    check_against(session.policy, {system: snapshot.schema for system, snapshot in snapshots.items()})
    return snapshots


def draft(
    session: Session,
    run: str,
    mode: str,
    snapshots: dict[str, Snapshot],
    statuses: Mapping[str, str],
    initial: bool,
    only: Sequence[str] = (),
    objects: Sequence[str] = (),
) -> Plan:
    """The sentence of the house: normalise, match, diff, resolve, gate, record. `objects`: those of a one-time pull."""
    policy = session.policy
    settle_intents(session, dict(statuses))
    state = session.state()
    snapshots = confirm(session, snapshots, statuses)
    schemas = {system: snapshot.schema for system, snapshot in snapshots.items()}

    records = normalise(list(snapshots.values()), policy, statuses)
    people = match(records, state, list(snapshots.values()), policy)
    cells = diff(people, state, policy, schemas)
    decisions = resolve_once(cells, people, objects) if objects else resolve(cells, policy)
    proposal = propose(people, cells, decisions, state, policy, schemas, statuses)
    proposal = narrow_to_aloware(proposal, people, objects) if objects else narrow(proposal, people, only, policy)
    accepted = session.ledger.snapshots.accepted_rows()
    proposal, verdict = gate(proposal, people, records, accepted, policy, schemas, initial)
    return record_plan(session, run, mode, proposal, verdict, list(snapshots.values()), state)


def confirm(session: Session, snapshots: dict[str, Snapshot], statuses: Mapping[str, str]) -> dict[str, Snapshot]:
    """Look up what the Aloware export can't be trusted on: unseen or outdated contacts, and every apparent edit."""
    if ALOWARE not in snapshots or ALOWARE not in session.active():
        return snapshots
    policy, state = session.policy, session.state()
    schemas = {system: snapshot.schema for system, snapshot in snapshots.items()}

    records = normalise(list(snapshots.values()), policy, statuses)
    numbers = unseen_numbers(snapshots, records, state)
    snapshots = snapshots | {ALOWARE: look_up(session, snapshots[ALOWARE], numbers)}

    records = normalise(list(snapshots.values()), policy, statuses)
    people = match(records, state, list(snapshots.values()), policy)
    doubtful = doubtful_numbers(diff(people, state, policy, schemas), people)
    return snapshots | {ALOWARE: look_up(session, snapshots[ALOWARE], sorted({*doubtful} - {*numbers}))}
