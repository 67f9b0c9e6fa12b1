"""Log calls and messages on the Salesforce records of those who had them: one Task each."""

from tasks.core.communications.logged import Logged
from tasks.core.errors import UsageError
from tasks.core.model import ALOWARE, SALESFORCE
from tasks.hear import hear
from tasks.log import log
from tasks.orchestrate import flow
from tasks.session import open_session


@flow(name="log-communications")
def log_communications() -> Logged:
    """Read the inbox, and bring every communication that is due into its Task."""
    with open_session() as session:
        if not session.policy.communications.log:
            raise UsageError("The policy has the logging of communications off: see [communications] log.")
        for system in (SALESFORCE, ALOWARE):
            if system not in session.active():
                raise UsageError(
                    f"Communications go from Aloware to Salesforce: {system} isn't connected, or is paused."
                )
        session.check_settings([SALESFORCE, ALOWARE])
        run = session.ledger.runs.begin("log-communications", session.now())
        with session.ledger.lease.held(run, session.now()):
            hear(session)
            told = log(session, run)
            session.ledger.runs.finish(run, "done", session.now())
            return told
