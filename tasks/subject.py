"""Verb: find out whom somebody means, and all that is held about them."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from tasks.core import phones, subjects
from tasks.core.errors import UsageError
from tasks.core.model import SYSTEMS, reference
from tasks.core.state import TOMBSTONE, State
from tasks.core.subjects import Found, Subject
from tasks.core.traces import Traces
from tasks.ledger.files import save
from tasks.ledger.holdings import Holdings
from tasks.orchestrate import task
from tasks.session import Session

FEW = 5  # records named where somebody must choose


@task
def find(session: Session, who: str) -> Found:
    """Whom those words name. Raises UsageError for nobody, and for several people."""
    state, policy = session.state(), session.policy
    people = subjects.people_of(who, state, policy)
    records: dict[str, tuple[set[str], set[str]]] = {}
    if not people:
        latest = (session.ledger.snapshots.latest(system) for system in SYSTEMS)
        records = subjects.seen(who, filter(None, latest), policy)
        people = sorted({*state.links["person"].reindex(list(records)).dropna()})
    if len(people) > 1:
        raise UsageError(_several(people, state))
    if people:
        subject = subjects.subject(people[0], state, policy)
        there = state.links[state.links.index.isin(subject.refs) & (state.links["role"] != TOMBSTONE)]
        return Found(subject, sorted(there.index))
    if records:
        return Found(subjects.stranger(records, state, policy), sorted(records))
    return _known_before(session, who)


def _several(people: Sequence[str], state: State) -> str:
    records = [str(state.links.index[state.links["person"] == person].min()) for person in people]
    named = ", ".join(sorted(records)[:FEW]) + (", …" if len(records) > FEW else "")
    return f"That is {len(people)} people: name one by the id of a record of theirs, like {named}."


def _known_before(session: Session, who: str) -> Found:
    """Somebody who was forgotten: what an interrupted command left of them can still be swept."""
    number, address = phones.e164(who, session.policy.phones), who.strip().lower()
    places = [reference(system, name, "") for system in SYSTEMS for name in session.policy.objects(system)]
    refs = {place + who.strip().removeprefix(place) for place in places}
    refs = {ref for ref in refs if session.suppressed.knows([ref])}
    numbers = {number} if number and session.suppressed.knows([number]) else set()
    emails = {address} if session.suppressed.knows([address]) and "@" in address else set()
    if not refs | numbers | emails:
        raise UsageError(
            "Nobody here has that number, e-mail or id: give a phone number, an e-mail address, or the id of a record."
        )
    return Found(Subject(frozenset(), frozenset(refs), frozenset(numbers), frozenset(emails)), again=True)


@task
def held(session: Session, found: Found) -> Holdings:
    """All that the ledger's tables and files hold about them."""
    return session.ledger.archive.of(Traces(found.subject))


@task
def write_out(found: Found, holdings: Holdings, out: Path) -> dict[str, int]:
    """Write them as JSON to a private file, in place of one that is there; gives how many of what it holds. Raises
    UsageError where that can't be done."""
    subject = found.subject
    page = {
        "people": sorted(subject.people),
        "records": sorted(subject.refs),
        "numbers": sorted(subject.numbers),
        "emails": sorted(subject.emails),
        "shared with others": sorted(subject.shared),
        "tables": holdings.tables,
        "files": holdings.files,
    }
    try:
        save(out, msgspec.json.format(msgspec.json.encode(page, enc_hook=str), indent=2))
    except OSError as error:
        raise UsageError(f"{out} can't be written: {error.strerror}; name another file") from None
    files = sum(map(len, holdings.files.values()))
    return {name: len(rows) for name, rows in holdings.tables.items()} | {"rows of files": files}
