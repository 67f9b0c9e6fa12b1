"""Say what should change, and change nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from flows.recover import recover
from tasks.core.evidence import Evidence, believed
from tasks.core.mapping import check_against, check_directions
from tasks.core.model import ALOWARE, CRMS, SYSTEMS, Snapshot
from tasks.core.plan import Finding, Plan, Verdict
from tasks.core.planning.propose import Decisions, Proposal
from tasks.core.planning.sight import Sight, Thought
from tasks.core.run import Asked, Drafted
from tasks.core.suppression import reported
from tasks.diff import diff_by, line_up, unconfirmed_numbers
from tasks.engine import HERE, Engine
from tasks.focus import Focus, focus_on
from tasks.gate import gate
from tasks.hear import hear, heard_numbers
from tasks.match import match, stir
from tasks.narrow import narrow, narrow_to_aloware
from tasks.normalise import normalise_by
from tasks.orchestrate import flow
from tasks.publish import publish_plan
from tasks.pull import blind_spots, last_accepted, look_again, look_up, nothing_new, pull, unlisted_numbers
from tasks.record import record_evidence, record_plan
from tasks.resolve import find_accounts, propose, resolve_by, resolve_once, with_accounts
from tasks.session import Session, open_session
from tasks.statuses import mirror_statuses


@flow(name="plan")
def plan(full: bool = False, initial: bool = False, only: Sequence[str] = (), retry_parked: bool = False) -> Drafted:
    """Pull, compare, decide, judge, store. `full` reads every record, not only those that changed since the last run;
    `only` narrows the plan to the people with those phone numbers."""
    with open_session(read_only=True) as session:
        session.check_settings(session.connected())
        with session.run("plan") as run:
            statuses = mirror_statuses(session)
            snapshots = look(session, full)
            asked = Asked("plan", initial, only, (), retry_parked, full)
            made = draft(session, run, asked, snapshots, statuses.ids, statuses.findings)
        publish_plan(session, made)
        return Drafted(made, session.calls())


def look(session: Session, full: bool = False) -> dict[str, Snapshot]:
    """A whole snapshot of every connected system; of a paused one, the last that was accepted."""
    active = session.active()
    session.engine.begin()
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
    """The sentence of the house: look, think, record. `findings` are known beforehand."""
    hear(session)
    recover(session, statuses, snapshots)
    focus = Focus(session, asked)
    made = consider(session, known(session, asked, snapshots, statuses, findings, focus.about), focus)
    record_evidence(session, run, made.evidence, focus.leave(made))
    looked, ledger = list(made.evidence.snapshots.values()), made.evidence.state
    return record_plan(session, run, asked.mode, made.proposal, made.verdict, looked, ledger, made.seen.known)


def consider(session: Session, evidence: Evidence, focus: Focus | None = None) -> Thought:
    """Look until nothing is in doubt, then think. With a `focus`, of those alone on whom that is."""
    evidence, seen = look_closer(session, evidence, focus)
    proposal, decisions = intend(evidence, seen, session.engine)
    evidence = replace(evidence, accounts=find_accounts(session, proposal, decisions))
    proposal, verdict = judge(evidence, seen, proposal, decisions)
    return Thought(evidence, seen, decisions, proposal, verdict)


def known(
    session: Session,
    asked: Asked,
    snapshots: Mapping[str, Snapshot],
    statuses: Mapping[str, str],
    findings: Sequence[Finding],
    about: Sequence[str] | None = None,
) -> Evidence:
    """What there is to plan from at first sight; of the ledger, what it knows of everybody or of those people."""
    objects = {system: session.policy.objects(system) for system in SYSTEMS}
    return Evidence(
        state=session.state(about),
        policy=session.policy,
        asked=asked,
        statuses=statuses,
        snapshots=snapshots,
        accepted=session.ledger.snapshots.accepted_rows(objects),
        findings=(*findings, *blind_spots(session), *reported(snapshots.values())),
    )


def look_closer(session: Session, evidence: Evidence, focus: Focus | None = None) -> tuple[Evidence, Sight]:
    """Look again at what the CRMs' search can't be believed on, then at what the Aloware export can't be (contacts that
    it doesn't know, or of which it is outdated, those that the inbox told of, and every apparent edit), until nothing
    new is in doubt."""
    heard = heard_numbers(session)
    evidence = focus_on(focus, evidence, heard)
    for crm in (system for system in CRMS if system in evidence.snapshots and system in session.active()):
        evidence = evidence.seeing(look_again(session, evidence, crm))
    looked_up, seen = set[str](), None
    while True:
        evidence = focus_on(focus, evidence, heard)
        seen = see(evidence, session.engine, seen)
        contacts = evidence.snapshots.get(ALOWARE)
        if contacts is None or ALOWARE not in session.active():
            return evidence, seen
        doubtful = heard | unlisted_numbers(contacts, seen.records, seen.state, evidence.policy)
        doubtful |= unconfirmed_numbers(contacts, seen.cells, seen.people)
        seen = replace(seen, doubtful=frozenset(doubtful | looked_up))
        if doubtful <= looked_up:
            return evidence, seen
        closer = look_up(session, contacts, seen.records, seen.state, doubtful - looked_up)
        evidence = evidence.seeing(closer)
        if nothing_new(contacts, closer):
            return evidence, seen
        looked_up |= doubtful


def see(evidence: Evidence, engine: Engine = HERE, before: Sight | None = None) -> Sight:
    """Normalise, match, line up, diff: who is who, and what each side says against its base; of those of whom anything
    may come. `before` is an earlier look, which spares us what is the same still."""
    policy, state, snapshots = evidence.policy, believed(evidence), list(evidence.snapshots.values())
    records = normalise_by(engine, evidence, before)
    theirs, known = stir(records, state, snapshots, policy)
    people = match(theirs, known, snapshots, policy)
    cells = diff_by(engine, line_up(people, known, policy, evidence.schemas))
    return Sight(evidence.snapshots, state, records, known, people, cells)


def intend(evidence: Evidence, seen: Sight, engine: Engine = HERE) -> tuple[Proposal, Decisions]:
    """Resolve and propose, for those who were asked for; how each field was decided."""
    policy, once, links = evidence.policy, evidence.asked.objects, seen.known.links
    decisions = resolve_once(seen.cells, seen.people, once, policy) if once else resolve_by(engine, seen.cells, policy)
    made = propose(seen, decisions, policy, evidence.schemas, evidence.statuses, evidence.users)
    made = narrow_to_aloware(made, seen.people, links, once) if once else made
    return narrow(made, seen.people, links, evidence.asked.only, policy), decisions


def judge(evidence: Evidence, seen: Sight, proposal: Proposal, decisions: Decisions) -> tuple[Proposal, Verdict]:
    """The gate's answer, and what it lets through or holds."""
    policy, snapshots, initial = evidence.policy, evidence.snapshots, evidence.asked.initial
    proposal = with_accounts(proposal, decisions, policy, evidence.accounts)
    accepted, others = evidence.accepted, evidence.others
    proposal, verdict = gate(proposal, seen.people, seen.records, snapshots, accepted, policy, initial, others)
    return proposal, replace(verdict, findings=(*evidence.findings, *verdict.findings))
