"""Say what should change, and change nothing."""

from collections.abc import Mapping, Sequence

from tasks.core.model import ALOWARE, Snapshot
from tasks.core.plan import Plan
from tasks.core.policy import Policy, check_against
from tasks.core.run import Asked, Drafted
from tasks.core.sight import Sight
from tasks.core.state import State
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
            made = draft(session, run, Asked("plan", initial, only, (), retry_parked), snapshots, statuses)
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
    session: Session, run: str, asked: Asked, snapshots: dict[str, Snapshot], statuses: Mapping[str, str]
) -> Plan:
    """The sentence of the house: normalise, match, diff, resolve, gate, record."""
    policy = session.policy
    settle_intents(session, dict(statuses))
    state = session.state().without_parked() if asked.retry_parked else session.state()
    seen = sight(session, snapshots, statuses, state)

    once = asked.objects
    decisions = resolve_once(seen.cells, seen.people, once) if once else resolve(seen.cells, policy)
    proposal = propose(seen.people, seen.cells, decisions, state, policy, seen.schemas, statuses)
    proposal = narrow_to_aloware(proposal, seen.people, once) if once else proposal
    proposal = narrow(proposal, seen.people, asked.only, policy)
    accepted = session.ledger.snapshots.accepted_rows()
    proposal, verdict = gate(proposal, seen.people, seen.records, accepted, policy, seen.schemas, asked.initial)
    return record_plan(session, run, asked.mode, proposal, verdict, list(seen.snapshots.values()), state)


def sight(session: Session, snapshots: dict[str, Snapshot], statuses: Mapping[str, str], state: State) -> Sight:
    """Look, and look again at what the Aloware export can't be trusted on (unseen or outdated contacts, every apparent
    edit) until nothing new is in doubt."""
    looked_up: set[str] = set()
    while True:
        seen = _see(session.policy, snapshots, statuses, state)
        if ALOWARE not in snapshots or ALOWARE not in session.active():
            return seen
        doubtful = {*unseen_numbers(snapshots, seen.records, state), *doubtful_numbers(seen.cells, seen.people)}
        if doubtful <= looked_up:
            return seen
        fresh = look_up(session, snapshots[ALOWARE], sorted(doubtful - looked_up))
        snapshots, looked_up = snapshots | {ALOWARE: fresh}, looked_up | doubtful


def _see(policy: Policy, snapshots: dict[str, Snapshot], statuses: Mapping[str, str], state: State) -> Sight:
    schemas = {system: snapshot.schema for system, snapshot in snapshots.items()}
    records = normalise(list(snapshots.values()), policy, statuses)
    people = match(records, state, list(snapshots.values()), policy)
    return Sight(snapshots, records, people, diff(people, state, policy, schemas))
