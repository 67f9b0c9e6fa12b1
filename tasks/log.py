"""Verb: log communications as Salesforce Tasks: one each, on whoever held the number, with the latest details.

A Task is found by its key before it is created, so a call whose answer was lost is never logged twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tasks import progress
from tasks.connectors.opening import tasks_of, team, team_names, timezone_of
from tasks.core.communications import task as salesforce_task
from tasks.core.communications.attribution import Place, places
from tasks.core.communications.communication import Communication, recent
from tasks.core.communications.logged import Logged
from tasks.core.model import ALOWARE, SALESFORCE, Change, Outcome, Receipt
from tasks.core.zones import is_zone
from tasks.ledger.communications import Due, Ending
from tasks.orchestrate import task
from tasks.session import Session

BATCH = 200  # what one call of Salesforce's collections takes
CONVERTED = "CANNOT_UPDATE_CONVERTED_LEAD"  # the next reconcile knows the Contact
GONE = "ENTITY_IS_DELETED"  # the next reconcile knows whether it was merged; of a Task: a person deleted that


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
    found = places([one.communication for one in due], session.state(), session.policy.phones)
    waiting = [(one, found[one.communication.id]) for one in due if found[one.communication.id].who is None]
    placed = [(one, found[one.communication.id]) for one in due if found[one.communication.id].who is not None]
    session.ledger.communications.settle([_waits(one, place) for one, place in waiting], run)
    told = Logged(run, waiting=[(one.communication.id, place.reason) for one, place in waiting])
    org = _org(session) if placed else Org()
    for start in range(0, len(placed), BATCH):
        progress.report("log communications", start, len(placed))
        told = _log(session, placed[start : start + BATCH], org, told)
    progress.report("log communications", len(placed), len(placed))
    return replace(told, api_calls=session.calls())


def _log(session: Session, batch: Sequence[tuple[Due, Place]], org: Org, told: Logged) -> Logged:
    entries = [_entry(session, one, place, org) for one, place in batch]
    anew = [e for e in entries if e.due.logged != salesforce_task.digest(e.fields)]
    same = [_ends(e) for e in entries if e not in anew]
    unknown = [salesforce_task.call_object(e.due.communication.id) for e in anew if e.task is None]
    there = tasks_of(session.connector(SALESFORCE), unknown)
    known = [replace(e, task=e.task or there.get(salesforce_task.call_object(e.due.communication.id))) for e in anew]
    session.ledger.lease.renew(told.run, session.now())
    receipts = {receipt.change: receipt for receipt in session.connector(SALESFORCE).write([e.change for e in known])}
    endings = [_ending(e, receipts[e.due.communication.id]) for e in known]
    session.ledger.communications.settle([*same, *endings], told.run)
    return _counted(told, known, endings, len(same), receipts)


def _counted(
    told: Logged, known: Sequence[Entry], endings: Sequence[Ending], same: int, receipts: Mapping[str, Receipt]
) -> Logged:
    applied = [e for e in known if receipts[e.due.communication.id].outcome == Outcome.APPLIED]
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


def _waits(due: Due, place: Place) -> Ending:
    return Ending(due.communication.id, "waiting", place.reason, place.person)


def _ending(entry: Entry, receipt: Receipt) -> Ending:
    if receipt.outcome == Outcome.APPLIED:
        written = replace(entry, task=entry.task or receipt.record_id)
        return _ends(written)
    if receipt.outcome == Outcome.REFUSED:
        waits = CONVERTED in receipt.reason or (entry.task is None and GONE in receipt.reason)
        return Ending(entry.due.communication.id, "waiting" if waits else "refused", receipt.reason, entry.place.person)
    return Ending(entry.due.communication.id, "due", receipt.reason, entry.place.person)


def _ends(entry: Entry) -> Ending:
    digest = salesforce_task.digest(entry.fields)
    return Ending(entry.due.communication.id, "logged", "", entry.place.person, entry.place.who, entry.task, digest)
