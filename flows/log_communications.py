"""Log calls and messages on the Salesforce records of those who had them: one Task each."""

from dataclasses import replace

from tasks.catch_up import catch_up
from tasks.core.communications.logged import Logged
from tasks.core.errors import UsageError
from tasks.core.model import ALOWARE, SALESFORCE
from tasks.hear import hear
from tasks.log import log
from tasks.native import native_logging
from tasks.orchestrate import flow
from tasks.publish import publish_held
from tasks.session import open_session


@flow(name="log-communications")
def log_communications() -> Logged:
    """Read the inbox, and the communications export if there is one; bring every communication that is due into its
    Task. Where something else seems to log the same calls, nothing is written."""
    with open_session() as session:
        if not session.policy.communications.log:
            raise UsageError("The policy has the logging of communications off: see [communications] log.")
        for system in (SALESFORCE, ALOWARE):
            if system not in session.active():
                raise UsageError(
                    f"Communications go from Aloware to Salesforce: {system} isn't connected, or is paused."
                )
        session.check_settings([SALESFORCE, ALOWARE])
        with session.run("log-communications") as run:
            hear(session)
            listed = catch_up(session)
            if others := native_logging(session):
                publish_held(others)
                session.ledger.runs.finish(run, "held", session.now())
                return Logged(run, listed=listed, held=others, api_calls=session.calls())
            told = replace(log(session, run), listed=listed)
            session.ledger.runs.finish(run, "done", session.now())
            return told
