"""Say what should change, and change nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tasks.core.mapping import check_against, check_directions
from tasks.core.model import ALOWARE, CRMS, SYSTEMS, Snapshot
from tasks.core.plan import Finding, Plan
from tasks.core.planning.sight import Sight
from tasks.core.planning.terms import renewed
from tasks.core.policy import Policy
from tasks.core.run import Asked, Drafted
from tasks.core.state import State
from tasks.core.statuses import reread
from tasks.diff import diff, unconfirmed_numbers
from tasks.echo import settle_intents
from tasks.gate import gate
from tasks.match import match
from tasks.narrow import narrow, narrow_to_aloware
from tasks.normalise import normalise
from tasks.orchestrate import flow
from tasks.publish import publish_plan
from tasks.pull import blind_spots, last_accepted, look_again, look_up, pull, unlisted_numbers
from tasks.record import record_plan
from tasks.resolve import propose, resolve, resolve_once, with_accounts
from tasks.session import Session, open_session
from tasks.statuses import mirror_statuses


@flow(name="plan")
def plan(full: bool = False, initial: bool = False, only: Sequence[str] = (), retry_parked: bool = False) -> Drafted:
    """Pull, compare, decide, judge, store. `full` reads every record, not only those that changed since the last run;
    `only` narrows the plan to the people with those phone numbers."""
    with open_session(read_only=True) as session:
        session.check_settings(session.connected())
        run = session.ledger.runs.begin("plan", session.now())
        with session.ledger.lease.held(run, session.now()):
            statuses = mirror_statuses(session)
            snapshots = look(session, full)
            asked = Asked("plan", initial, only, (), retry_parked)
            made = draft(session, run, asked, snapshots, statuses.ids, statuses.findings)
        publish_plan(made)
        return Drafted(made, session.calls())


def look(session: Session, full: bool = False) -> dict[str, Snapshot]:
    """A whole snapshot of every connected system; of a paused one, the last that was accepted."""
    active = session.active()
    check_directions(session.policy, session.ledger.connections.directions(), session.connected())
    snapshots = {}
    for system in session.connected():
        taken = pull(session, system, full) if system in active else last_accepted(session, system)
        if taken is not None:
            snapshots[system] = taken
    check_against(session.policy, {system: snapshot.schema for system, snapshot in snapshots.items()})
    return snapshots


def draft(
    session: Session,
    run: str,
    asked: Asked,
    snapshots: dict[str, Snapshot],
    statuses: Mapping[str, str],
    findings: Sequence[Finding] = (),
) -> Plan:
    """The sentence of the house: normalise, match, diff, resolve, gate, record. `findings` are known beforehand."""
    policy = session.policy
    settle_intents(session, dict(statuses))
    known = session.state()
    state = reread(known, policy, statuses)
    state = renewed(state, policy, {system: snapshot.schema for system, snapshot in snapshots.items()})
    state = state.without_parked() if asked.retry_parked else state
    state = state.without_tombstones(ALOWARE) if asked.objects else state  # a one-time pull brings them back
    for crm in (system for system in CRMS if system in snapshots and system in session.active()):
        snapshots = snapshots | {crm: look_again(session, snapshots[crm], state)}
    seen = sight(session, snapshots, statuses, state)

    once = asked.objects
    decisions = resolve_once(seen.cells, seen.people, once, policy) if once else resolve(seen.cells, policy)
    proposal = propose(seen.people, seen.cells, decisions, state, policy, seen.schemas, statuses, seen.users)
    proposal = narrow_to_aloware(proposal, seen.people, once) if once else with_accounts(session, proposal, decisions)
    proposal = narrow(proposal, seen.people, asked.only, policy)
    accepted = session.ledger.snapshots.accepted_rows({system: policy.objects(system) for system in SYSTEMS})
    proposal, verdict = gate(proposal, seen.people, seen.records, accepted, policy, seen.schemas, asked.initial)
    verdict = replace(verdict, findings=(*findings, *blind_spots(session), *verdict.findings))
    return record_plan(session, run, asked.mode, proposal, verdict, list(seen.snapshots.values()), known)


def sight(session: Session, snapshots: dict[str, Snapshot], statuses: Mapping[str, str], state: State) -> Sight:
    """Look, and look again at what the Aloware export can't be trusted on (contacts that it doesn't know, or of which
    it is outdated, and every apparent edit) until nothing new is in doubt."""
    looked_up: set[str] = set()
    while True:
        seen = _see(session.policy, snapshots, statuses, state)
        contacts = snapshots.get(ALOWARE)
        if contacts is None or ALOWARE not in session.active():
            return seen
        doubtful = unlisted_numbers(contacts, seen.records, state, session.policy)
        doubtful |= unconfirmed_numbers(contacts, seen.cells, seen.people)
        if doubtful <= looked_up:
            return seen
        fresh = look_up(session, contacts, seen.records, state, doubtful - looked_up)
        snapshots, looked_up = snapshots | {ALOWARE: fresh}, looked_up | doubtful


def _see(policy: Policy, snapshots: dict[str, Snapshot], statuses: Mapping[str, str], state: State) -> Sight:
    schemas = {system: snapshot.schema for system, snapshot in snapshots.items()}
    records = normalise(list(snapshots.values()), policy, statuses)
    people = match(records, state, list(snapshots.values()), policy)
    return Sight(snapshots, records, people, diff(people, state, policy, schemas))
