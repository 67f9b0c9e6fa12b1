"""Verb: keep Aloware's list of dispositions what HubSpot's Lead Status says it is."""

from tasks.connectors.opening import catalogue
from tasks.connectors.opening import statuses as lead_statuses
from tasks.core import statuses as core
from tasks.core.model import ALOWARE, HUBSPOT, Disposition
from tasks.orchestrate import task
from tasks.session import Session


@task
def mirror_statuses(session: Session) -> dict[str, str]:
    """Bring the catalogue up to date where it can be written; gives back disposition id → HubSpot value.

    A session that is only reading mirrors nothing: a status that has no disposition yet is then refused in its plan.
    """
    active = session.active()
    if ALOWARE not in active:
        return core.by_id([], session.policy.aloware.dispositions)
    book = catalogue(session.connector(ALOWARE))
    if book is None:
        return core.by_id([], session.policy.aloware.dispositions)
    known = {disposition.id: disposition for disposition in book.dispositions()}
    if HUBSPOT in active and session.policy.status_field and not session.read_only:
        for wanted in core.mirror(lead_statuses(session.connector(HUBSPOT)), list(known.values())):
            saved: Disposition = book.save_disposition(wanted)
            known[saved.id] = saved
    return core.by_id(list(known.values()), session.policy.aloware.dispositions)
