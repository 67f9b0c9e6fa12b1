"""Look at everything that Tandem stands on: settings, policy, ledger, systems. Nothing is written to any of them.

No flow of Prefect's, for whether its server answers is one of the questions.
"""

from collections.abc import Iterator
from contextlib import closing

from tasks import doctor as look
from tasks.core.assessing import checks
from tasks.core.assessing.checks import Check
from tasks.core.model import ALOWARE, HUBSPOT, SALESFORCE, SYSTEMS, Direction
from tasks.core.policy import Policy
from tasks.core.state import Connection
from tasks.core.suppression import Suppressed
from tasks.native import native_logging
from tasks.session import Session
from tasks.settings import Settings
from tasks.statuses import survey_statuses


def doctor() -> Iterator[Check]:
    """One check after another, whatever comes of those before."""
    yield from look.versions()
    settings = yield from look.attempt("settings", "environment", Settings.load)
    if settings is None:
        return
    yield from look.attempted("prefect", "server", lambda: look.prefect_server(settings))
    yield from look.attempted("home", "permissions", lambda: look.home(settings))
    policy = yield from look.attempt("policy", "file", settings.policy)
    usual = policy or look.usual_policy(settings)
    with closing(Session(settings, usual, read_only=True)) as session:
        session.suppressed = Suppressed(usual)  # nobody's record is shown, and the ledger may be out of reach
        yield from look.attempted("ledger", "database", lambda: look.ledger(session))
        connections, directions = look.standing(session)
        connected = [system for system, known in connections.items() if known.connected]
        if policy is not None:
            yield from look.attempted("policy", "file", lambda: look.policy_fits(policy, directions, connected))
        if usual.engine == "dask":
            yield from look.attempted("policy", "engine", lambda: look.engine(session))
        for system in SYSTEMS:
            yield from examine(session, system, policy, connections.get(system), directions)
        if policy is not None:
            yield from beyond(session, policy, connections)


def examine(
    session: Session,
    system: str,
    policy: Policy | None,
    known: Connection | None,
    directions: dict[str, Direction],
) -> Iterator[Check]:
    """One system, as far as it answers. Without a policy nobody knows what is mapped."""
    ready = yield from look.set_up(session, system, known)
    reached = ready and (yield from look.attempted(system, "account", lambda: look.reach(session, system, known)))
    if not reached:
        return
    if policy is not None:
        yield from look.attempted(system, "fields", lambda: look.fields(session, system, policy, directions))
    yield from look.attempted(system, "API", lambda: look.api(session, system))
    if system == ALOWARE:
        yield from look.attempted(system, "export", lambda: look.export(session))
    yield from look.pulse(session, system)


def beyond(session: Session, policy: Policy, connections: dict[str, Connection]) -> Iterator[Check]:
    """What takes two systems that are connected."""
    active = [system for system, known in connections.items() if known.connected and not known.paused]
    if policy.status_field and HUBSPOT in active and ALOWARE in active:
        rows = yield from look.attempt(ALOWARE, "dispositions", lambda: survey_statuses(session))
        if rows is not None:
            yield checks.dispositions(rows)
    if policy.communications.log and SALESFORCE in active and ALOWARE in active:
        due = yield from look.attempt(SALESFORCE, "other logging", lambda: native_logging(session))
        if due is not None:
            yield from look.attempted(SALESFORCE, "other logging", lambda: look.other_logging(session, due))
