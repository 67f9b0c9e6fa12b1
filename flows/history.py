"""What happened to a person, in order of time. Reads the ledger; asks nobody."""

from tasks.core.explaining.dossier import Dossier
from tasks.core.explaining.timeline import Event, timeline
from tasks.explain import gather
from tasks.session import open_session


def history(who: str) -> list[tuple[Dossier, list[Event]]]:
    """Everybody whom `who` may mean, with what happened to them, the newest last. Raises UsageError for nobody."""
    with open_session(read_only=True) as session:
        return [(found, timeline(found)) for found in gather(session, who)]
