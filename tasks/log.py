"""Verb: log communications as Salesforce Tasks: one each, on whoever held the number, with the latest details.

A Task is looked for by its key before it is created, so one whose answer was lost is found and not created again. But
a look sees only what Salesforce has brought to its end, and it may be at work on a call for which nobody waits any
more: after a time-out, or a kill. So the ledger knows of each create before it is asked for, and while something may
still come of one that was never answered, it isn't asked for again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tasks import progress, stopping
from tasks.connectors.opening import tasks_of, team, team_names, timezone_of
from tasks.core.communications import task as salesforce_task
from tasks.core.communications.attribution import Place
from tasks.core.communications.communication import Communication, recent
from tasks.core.communications.logged import Logged
from tasks.core.errors import Interrupted
from tasks.core.model import ALOWARE, SALESFORCE, Change, Outcome, Receipt
from tasks.core.zones import is_zone
from tasks.ledger.communications import Due, Ending
from tasks.orchestrate import task
from tasks.session import Session

BATCH = 200  # what one call of Salesforce's collections takes
CONVERTED = "CANNOT_UPDATE_CONVERTED_LEAD"  # the next reconcile knows the Contact
GONE = "ENTITY_IS_DELETED"  # the next reconcile knows whether it was merged; of a Task: a person deleted that
UNDER_WAY = "Salesforce gave no answer and may still be creating its Task: a run some minutes later looks again"


@dataclass(frozen=True)
class Entry:
    """One communication with the Task that it is, or is to be."""

    due: Due
    place: Place
    task: str | None
    fields: Mapping[str, str]

    @property
    def change(self) -> Change:
        fixed = salesforce_task.ONCE if self.task else ()
        fields = {name: value for name, value in self.fields.items() if name not in fixed}
        return Change(self.due.communication.id, SALESFORCE, "Task", self.task, "task", fields)


@dataclass(frozen=True)
class Org:
    """Salesforce's org, as Tasks need it: the `zone` of its days, the user's id of each of Aloware's agents, and the
    agents by `names`, for an export tells no ids."""

    zone: str = ""
    owners: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def owner(self, one: Communication) -> str | None:
        return self.owners.get(one.user or self.names.get(one.user_name.casefold(), ""))


@task
def log(session: Session, run: str) -> Logged:
    """Bring every communication that is due into its Task. What can't be placed waits, with the reason."""
    connected, since = session.ledger.connections.all()[ALOWARE].connected_at, session.policy.communications.since
    due = [one for one in session.ledger.communications.due() if recent(one.communication, since, connected)]
    found = session.places([one.communication for one in due])
    where = [(one, found[one.communication.id]) for one in due]
    placed = [(one, place) for one, place in where if place.who is not None]
    waiting = [_waits(one, place, place.reason) for one, place in where if place.who is None]
    session.ledger.communications.settle(waiting, run)
    told = Logged(run, waiting=[(ending.id, ending.reason) for ending in waiting])
    org = _org(session) if placed else Org()
    for start in range(0, len(placed), BATCH):
        if stopping.wanted():
            raise Interrupted("Interrupted; what was logged is recorded: `tandem log-communications` goes on.")
        progress.report("log communications", start, len(placed))
        told = _log(session, placed[start : start + BATCH], org, told)
    progress.report("log communications", len(placed), len(placed))
    return replace(told, api_calls=session.calls())


def _log(session: Session, batch: Sequence[tuple[Due, Place]], org: Org, told: Logged) -> Logged:
    entries, now = [_entry(session, one, place, org) for one, place in batch], session.now()
    anew = [e for e in entries if e.due.logged != salesforce_task.digest(e.fields)]
    same = [_ends(e) for e in entries if e not in anew]
    known = _looked_for(session, anew)
    under_way = [e for e in known if e.task is None and salesforce_task.may_come(e.due.asked_at, now)]
    left = [_waits(e.due, e.place, UNDER_WAY) for e in under_way]
    session.ledger.communications.settle([*same, *left], told.run)
    answered = _send(session, told.run, [e for e in known if e not in under_way])
    return _counted(told, answered, left, len(same))


def _looked_for(session: Session, entries: Sequence[Entry]) -> list[Entry]:
    """The same, with the Tasks that are there although nobody told us; those to be created come first, for a call takes
    creates or updates."""
    unknown = [salesforce_task.call_object(e.due.communication.id) for e in entries if e.task is None]
    there = tasks_of(session.connector(SALESFORCE), unknown)
    known = [replace(e, task=e.task or there.get(salesforce_task.call_object(e.due.communication.id))) for e in entries]
    return sorted(known, key=lambda entry: entry.task is not None)


def _send(session: Session, run: str, entries: Sequence[Entry]) -> list[tuple[Entry, Receipt]]:
    """The ledger knows of a create before the call, and of the answer right after it."""
    asked = {e.due.communication.id: e for e in entries}
    answered: list[tuple[Entry, Receipt]] = []
    session.ledger.lease.renew(run, session.now())
    session.ledger.communications.ask([one for one, e in asked.items() if e.task is None], session.now())
    with stopping.unbroken():
        try:
            for receipt in session.connector(SALESFORCE).write([e.change for e in entries]):
                answered.append((asked[receipt.change], receipt))
        finally:
            session.ledger.communications.settle([_ending(*each) for each in answered], run)
    return answered


def _counted(told: Logged, answered: Sequence[tuple[Entry, Receipt]], left: Sequence[Ending], same: int) -> Logged:
    applied = [e for e, receipt in answered if receipt.outcome == Outcome.APPLIED]
    endings = [*left, *(_ending(*each) for each in answered)]
    return replace(
        told,
        created=told.created + sum(e.task is None for e in applied),
        updated=told.updated + sum(e.task is not None for e in applied),
        unchanged=told.unchanged + same,
        waiting=[*told.waiting, *((ending.id, ending.reason) for ending in endings if ending.state == "waiting")],
        refused=[*told.refused, *((ending.id, ending.reason) for ending in endings if ending.state == "refused")],
        failed=told.failed + sum(ending.state == "due" for ending in endings),
    )


def _org(session: Session) -> Org:
    """Who is who by the e-mail that only one of them has; the account's zone where the org names none that is known
    here."""
    users = team(session.connector(SALESFORCE))
    emails = list(users.values())
    theirs = {email: user for user, email in users.items() if emails.count(email) == 1}
    owners = {agent: theirs[email] for agent, email in team(session.connector(ALOWARE)).items() if email in theirs}
    zone = timezone_of(session.connector(SALESFORCE))
    return Org(
        zone if is_zone(zone) else session.policy.aloware.export_timezone,
        owners,
        team_names(session.connector(ALOWARE)),
    )


def _entry(session: Session, due: Due, place: Place, org: Org) -> Entry:
    one, recording = due.communication, session.policy.communications.recording
    fields = salesforce_task.fields(one, str(place.who), org.zone, org.owner(one), recording)
    return Entry(due, place, due.task, fields)


def _waits(due: Due, place: Place, reason: str) -> Ending:
    return Ending(due.communication.id, "waiting", reason, place.person, unknown=True)


def _ending(entry: Entry, receipt: Receipt) -> Ending:
    if receipt.outcome == Outcome.APPLIED:
        written = replace(entry, task=entry.task or receipt.record_id)
        return _ends(written)
    if receipt.outcome == Outcome.REFUSED:
        waits = CONVERTED in receipt.reason or (entry.task is None and GONE in receipt.reason)
        return Ending(entry.due.communication.id, "waiting" if waits else "refused", receipt.reason, entry.place.person)
    return Ending(entry.due.communication.id, "due", receipt.reason, entry.place.person, unknown=True)


def _ends(entry: Entry) -> Ending:
    digest = salesforce_task.digest(entry.fields)
    return Ending(entry.due.communication.id, "logged", "", entry.place.person, entry.place.who, entry.task, digest)
