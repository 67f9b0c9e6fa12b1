"""Verb: look whether something else logs the same calls in Salesforce already, before the first Task is written."""

from tasks.connectors.opening import task_properties, tasks_written
from tasks.core.communications import native
from tasks.core.communications.communication import recent
from tasks.core.model import ALOWARE, SALESFORCE
from tasks.orchestrate import task
from tasks.session import Session

MOST = 1_000  # communications that are looked for


@task
def native_logging(session: Session) -> tuple[str, ...]:
    """What suggests it, a sentence each. Nothing once a Task is written, or where the policy accepts it."""
    ledger, policy = session.ledger, session.policy
    if policy.communications.others == "accept" or ledger.communications.begun():
        return ()
    connected, since = ledger.connections.all()[ALOWARE].connected_at, policy.communications.since
    due = [one.communication for one in ledger.communications.due() if recent(one.communication, since, connected)]
    found = session.places(due)
    calls = [(one, who) for one in due if (who := found[one.id].who) is not None]
    if not calls:
        return ()
    latest = sorted(calls, key=lambda call: call[0].at)[-MOST:]
    salesforce = session.connector(SALESFORCE)
    there = tasks_written(salesforce, [who for _, who in latest], native.earliest(latest))
    return tuple(native.suspicions(task_properties(salesforce), latest, list(there)))
