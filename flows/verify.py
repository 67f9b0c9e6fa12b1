"""The drift alarm: a whole look at everything, which changes nothing, neither there nor here."""

from flows.plan import consider, known, look
from tasks.core.briefing import drift_words
from tasks.core.run import Asked
from tasks.orchestrate import ended, flow, in_deployment
from tasks.publish import publish_alarm
from tasks.session import open_session
from tasks.statuses import mirror_statuses
from tasks.verify import Verified, raise_alarm


@flow(name="verify")
def verify() -> Verified:
    """Compare every record with what was decided. No system is written, no plan is stored, no held plan superseded.

    A deployment's run that finds drift ends as *Drifted*, for which an automation may wait.
    """
    with open_session(read_only=True) as session:
        session.check_settings(session.connected())
        with session.run("verify") as run:
            statuses = mirror_statuses(session)
            snapshots = look(session, full=True)
            evidence = known(session, Asked("verify"), snapshots, statuses.ids, statuses.findings)
            found = raise_alarm(session, run, consider(session, evidence))
    publish_alarm(found.alarm)
    if found.alarm.drifted and in_deployment():
        told: Verified = ended("Drifted", drift_words(found.alarm))
        return told
    return found
