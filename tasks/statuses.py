"""Verb: keep Aloware's list of dispositions what HubSpot's Lead Status says it is."""

from collections.abc import Sequence
from dataclasses import asdict

from tasks.connectors.opening import catalogue
from tasks.connectors.opening import statuses as lead_statuses
from tasks.connectors.protocol import Catalogue
from tasks.core import statuses as core
from tasks.core import survey
from tasks.core.errors import PolicyError, UsageError
from tasks.core.model import ALOWARE, HUBSPOT, Disposition, Status
from tasks.core.statuses import Mirrored
from tasks.core.survey import Row
from tasks.orchestrate import task
from tasks.session import Session


@task
def mirror_statuses(session: Session, run: str | None = None) -> Mirrored:
    """Bring the catalogue up to date where it can be written; says which disposition stands for which status.

    A session that is only reading saves nothing: it says what a run would have made of the list.
    """
    active = session.active()
    if ALOWARE not in active:
        return core.remembered(session.state(), session.policy)
    options = _options(session) if HUBSPOT in active else None
    book = catalogue(session.connector(ALOWARE))
    if book is None:
        return core.from_table(session.policy.aloware.dispositions, options)
    present = book.dispositions()
    saves = core.mirror(options or (), present)
    if session.read_only:
        made = core.foreseen(present, saves)
    else:
        made = core.foreseen([*present, *_saved(session, book, present, saves, run)], ())
    return Mirrored(made.ids, (*made.findings, *core.unlisted(options)))


def _options(session: Session) -> list[Status] | None:
    """HubSpot's options; None where the policy has nothing to mirror them for."""
    name = session.policy.status_field
    field = session.policy.fields[name] if name else None
    if field is None or not field.hubspot or not field.aloware:
        return None
    return lead_statuses(session.connector(HUBSPOT), field.hubspot)


def _saved(
    session: Session, book: Catalogue, present: Sequence[Disposition], saves: Sequence[Disposition], run: str | None
) -> list[Disposition]:
    """What the catalogue made of the saves; each is journalled with what was there before."""
    known = {disposition.id: disposition for disposition in present}
    made = []
    for wanted in saves:
        saved = book.save_disposition(wanted)
        details = {"before": asdict(known[saved.id]) if saved.id in known else None, "after": asdict(saved)}
        session.ledger.journal.append(session.now(), run, "tandem", "disposition saved", saved.id, details)
        known[saved.id] = saved
        made.append(saved)
    return made


def survey_statuses(session: Session) -> list[Row]:
    """How the two lists stand to each other now. Raises UsageError unless both systems can be asked."""
    active = session.active()
    for system in (HUBSPOT, ALOWARE):
        if system not in active:
            raise UsageError(f"{system} isn't connected, or is paused: run `tandem connect {system}` first.")
    options = _options(session)
    if options is None:
        raise PolicyError("The policy maps no status of HubSpot to Aloware: see [fields.lead_status].")
    people = survey.people_on(session.state(), session.policy)
    book = catalogue(session.connector(ALOWARE))
    if book is None:
        return survey.of_table(options, session.policy.aloware.dispositions, people)
    return survey.of_catalogue(options, book.dispositions(), people)
