"""Verb: let go of what is older than the policy keeps."""

from tasks.orchestrate import task
from tasks.session import Session


@task
def prune(session: Session) -> dict[str, int]:
    """How many snapshots, plans' files and journal lines went; see `ledger.retention`."""
    return session.ledger.retention.prune(session.policy.retention, session.now())
