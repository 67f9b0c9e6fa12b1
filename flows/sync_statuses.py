"""Bring Aloware's list of dispositions to HubSpot's Lead Statuses, between two reconciles."""

from tasks.core.survey import Row
from tasks.orchestrate import flow
from tasks.publish import publish_statuses
from tasks.session import open_session
from tasks.statuses import mirror_statuses, survey_statuses


@flow(name="sync-statuses")
def sync_statuses() -> list[Row]:
    """Mirror the statuses as locked dispositions, as every reconcile does first; gives how the two lists stand then.

    Raises UsageError unless HubSpot and Aloware are connected.
    """
    with open_session() as session:
        session.check_settings(session.connected())
        survey_statuses(session)  # before anything is written: whether there is a list to mirror at all
        with session.run("sync-statuses") as run:
            mirror_statuses(session, run)
            rows = survey_statuses(session)
            publish_statuses(rows)
            session.ledger.runs.finish(run, "done", session.now())
            return rows
