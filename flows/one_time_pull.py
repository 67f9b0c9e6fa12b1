"""The one-time pull: Salesforce → Aloware, on demand. It writes no CRM and moves no golden value and no watermark."""

from typing import Literal

from flows.apply import carry_out
from flows.held import with_approval
from flows.plan import draft, look
from tasks.core.errors import UsageError
from tasks.core.model import ALOWARE, SALESFORCE
from tasks.core.plan import ONE_TIME
from tasks.core.run import Asked, RunReport
from tasks.orchestrate import flow
from tasks.publish import publish_plan
from tasks.session import Session, open_session
from tasks.statuses import mirror_statuses

What = Literal["contacts", "leads", "all"]


@flow(name="one-time-pull")
@with_approval
def one_time_pull(what: What = "all") -> RunReport:
    """Bring Aloware to what Salesforce says now. Counts as initial for the breakers.

    Args:
        what: Whose word it is: that of the Contacts, of the Leads, or of both.
    """
    with open_session() as session:
        session.check_settings(session.connected())
        objects = _objects(session, what)
        with session.run(ONE_TIME) as run:
            statuses = mirror_statuses(session, run)
            asked = Asked(ONE_TIME, initial=True, objects=objects)
            plan = draft(session, run, asked, look(session), statuses.ids, statuses.findings)
            publish_plan(session, plan)
            return carry_out(session, plan, statuses.ids)


def _objects(session: Session, what: What) -> tuple[str, ...]:
    """The Salesforce objects meant. Raises UsageError when a system is missing, or the module is off."""
    for system in (SALESFORCE, ALOWARE):
        if system not in session.active():
            raise UsageError(f"A one-time pull goes from Salesforce to Aloware: {system} is not connected, or paused.")
    wanted = {"contacts": ("Contact",), "leads": ("Lead",), "all": session.policy.salesforce.objects}[what]
    if off := [name for name in wanted if name not in session.policy.salesforce.objects]:
        raise UsageError(f"The policy has the Salesforce module of {off[0]} off: see [salesforce] modules.")
    return wanted
