"""Connect, disconnect, pause, and say which way a scope flows. State changes only: no record is written.

The command line calls the functions, which never start Prefect; the deployments are the flows at the end.
"""

from contextlib import AbstractContextManager
from typing import Literal

from tasks.core.errors import UsageError
from tasks.core.mapping import check_against
from tasks.core.model import SCOPES, SYSTEMS, Direction
from tasks.core.state import Connection
from tasks.orchestrate import flow
from tasks.session import Session, open_session
from tasks.statuses import mirror_statuses

# The choices of the deployments' forms.
System = Literal["salesforce", "hubspot", "aloware"]
Scope = Literal["salesforce.create", "salesforce.update", "hubspot.create", "hubspot.update", "hubspot.disposition"]


def connect(system: str, replace: bool = False) -> Connection:
    """Log in, remember which account it is, and start a new generation with every scope inbound.

    Raises UsageError for another account than before (unless `replace`), PolicyError for a mapping that can't work.
    """
    with open_session() as session:
        _known_system(system)
        session.check_settings([system])
        connector = session.connector(system)
        account = connector.identify()
        now = session.now()
        check_against(session.policy, {system: connector.peek([], now).schema})
        with _alone(session, f"connect {system}"):
            session.ledger.connections.connect(system, account, now, replace=replace)
            session.ledger.journal.append(now, None, "tandem", "connected", system, {"account": account})
            mirror_statuses(session)
        return session.ledger.connections.all()[system]


def disconnect(system: str) -> None:
    """End this generation: links, bases and history stay, scopes are inbound when it is connected again."""
    with open_session() as session:
        _connected(session, system)
        with _alone(session, f"disconnect {system}"):
            session.ledger.connections.disconnect(system, session.now())
            session.ledger.journal.append(session.now(), None, "tandem", "disconnected", system, {})


def set_direction(scope: str, direction: str) -> None:
    """Set a scope `inbound` (CRM → Aloware) or `two-way`. Raises UsageError for anything else."""
    with open_session() as session:
        if scope not in SCOPES:
            raise UsageError(f"There is no scope {scope!r}: use one of {', '.join(SCOPES)}.")
        if direction not in ("inbound", "two-way"):
            raise UsageError(
                f"{direction!r} is not a direction: use inbound (CRM → Aloware) or two-way. "
                "Aloware → CRM alone is not supported."
            )
        _connected(session, scope.partition(".")[0])
        with _alone(session, f"direction {scope}"):
            chosen: Direction = "two-way" if direction == "two-way" else "inbound"
            session.ledger.connections.set_direction(scope, chosen, session.now())
            session.ledger.journal.append(session.now(), None, "tandem", "direction", scope, {"direction": direction})


def pause(system: str) -> None:
    """Write nothing there and let its last accepted snapshot stand, until it is resumed."""
    with open_session() as session:
        _connected(session, system)
        session.ledger.connections.pause(system)


def resume(system: str) -> None:
    """Take a paused system into runs again."""
    with open_session() as session:
        _connected(session, system)
        session.ledger.connections.resume(system)


def _alone(session: Session, what: str) -> AbstractContextManager[None]:
    return session.ledger.lease.held(what, session.now())


def _known_system(system: str) -> None:
    if system not in SYSTEMS:
        raise UsageError(f"There is no system {system!r}: use one of {', '.join(SYSTEMS)}.")


def _connected(session: Session, system: str) -> None:
    _known_system(system)
    known = session.ledger.connections.all()
    if system not in known or not known[system].connected:
        raise UsageError(f"{system} is not connected: run `tandem connect {system}` first.")


@flow(name="connect")
def connect_from_form(system: System, replace: bool = False) -> Connection:
    """Connect a system, or connect it anew: a new generation, with every scope inbound.

    Args:
        system: Which one; its credentials are those of the worker's environment, or of its block.
        replace: It is another account than before: forget what is known of its records.
    """
    return connect(system, replace)


@flow(name="disconnect")
def disconnect_from_form(system: System) -> None:
    """Leave a system out until it is connected again. Links and history stay.

    Args:
        system: Which one.
    """
    disconnect(system)


@flow(name="set-direction")
def set_direction_from_form(scope: Scope, direction: Direction) -> None:
    """Say which way a scope flows; the next plan shows what that changes.

    Args:
        scope: What of which system: records created there, fields written there, or HubSpot's Lead Status from agents'
            picks.
        direction: inbound: CRM to Aloware alone. two-way: that system is written, too.
    """
    set_direction(scope, direction)
