"""Verb: forget a person: erase what is held of them, and skip them from now on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tasks.core.errors import TandemError
from tasks.core.subjects import Found
from tasks.core.suppression import digests
from tasks.core.traces import Traces
from tasks.ledger.erasing import sweep
from tasks.orchestrate import task
from tasks.session import Session

FORGETTING = "forget"  # what holds the lease meanwhile: whoever waits needn't know for whom
FEW = 5  # files named of those that are in the way


@dataclass(frozen=True)
class Forgotten:
    """What was erased: rows by table, files by kind; `lives` are the references of records that the systems still have.

    `undoable` and `remade` are the runs that from now on can't be undone, or made again. `shared` counts their numbers
    and e-mails that are somebody else's, too, and stay. `again`: they had been forgotten before.
    """

    rows: Mapping[str, int]
    files: Mapping[str, int]
    lives: Sequence[str] = ()
    undoable: Sequence[str] = ()
    remade: Sequence[str] = ()
    shared: int = 0
    again: bool = False


@task
def erase(session: Session, found: Found, who: str) -> Forgotten:
    """Erase them everywhere; `who` asked for it. What a crash interrupts, the same command finishes.

    Suppressed first, so that no run brings them back; the database last, for it is what knows them again. Raises
    TandemError, the database still knowing them, when a file can't be rewritten.
    """
    ledger, now, traces = session.ledger, session.now(), Traces(found.subject)
    before = ledger.erasure.lost()
    if not found.again:
        ledger.suppressions.add(digests(ledger.suppressions.key(), found.subject), now)
    ledger.erasure.begin(traces, now)
    swept = sweep(ledger.erasure, traces, now, lambda: ledger.lease.renew(FORGETTING, session.now()))
    if swept.unread:
        named = ", ".join(swept.unread[:FEW])
        raise TandemError(f"These files can't be read or rewritten: {named}; repair or delete them, and forget again")
    rows = ledger.erasure.finish(traces, now, who)
    ledger.erasure.compact()
    lost = {what: sorted(set(runs) - set(before[what])) for what, runs in ledger.erasure.lost().items()}
    return Forgotten(
        rows=rows,
        files=dict(swept.rewritten),
        lives=found.lives,
        undoable=lost["erased"],
        remade=lost["thinned"],
        shared=len(found.subject.shared),
        again=found.again,
    )
