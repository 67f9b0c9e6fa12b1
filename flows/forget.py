"""Forget a person, because they asked for it. Never a flow run: a flow's parameters are kept, and so would they be."""

from tasks.forget import FORGETTING, Forgotten, erase
from tasks.session import open_session
from tasks.subject import find


def forget(who: str, asked_by: str) -> Forgotten:
    """Erase everything held about whoever `who` names, and skip them in every later pull.

    Raises UsageError for nobody, and for several people.
    """
    with open_session() as session, session.ledger.lease.held(FORGETTING, session.now()):
        return erase(session, find(session, who), asked_by)
