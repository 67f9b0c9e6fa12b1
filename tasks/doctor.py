"""Verb: look at everything that Tandem stands on, and go on whatever is found. Nothing is written to any system."""

import os
import shutil
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TypeVar

from tasks.connectors.logins import HUBSPOT_API
from tasks.connectors.opening import task_properties, vitals
from tasks.connectors.opening import versions as offered
from tasks.connectors.salesforce_session import API_VERSION
from tasks.core.assessing import checks
from tasks.core.assessing.checks import LOOK, OK, Check, wrong
from tasks.core.communications import native
from tasks.core.errors import ConnectorError, TandemError
from tasks.core.mapping import check_directions
from tasks.core.masking import mask
from tasks.core.model import ALOWARE, HUBSPOT, SALESFORCE, Capability, Direction, Snapshot
from tasks.core.policy import Policy
from tasks.core.state import Connection
from tasks.session import Session
from tasks.settings import DEFAULT_POLICY, Settings, prepare_prefect

T = TypeVar("T")
ROOM = 1_000_000_000  # bytes of disk below which a run may not end well
OTHERS = 0o077  # what group and others may do


def attempt(subject: str, name: str, what: Callable[[], T]) -> Generator[Check, None, T | None]:
    """What comes of it; or None, and a check that says what is wrong."""
    try:
        return what()
    except TandemError as error:
        yield wrong(subject, name, mask(str(error)), error.exit_code)
        return None


def attempted(subject: str, name: str, look: Callable[[], Iterator[Check]]) -> Generator[Check, None, bool]:
    """The checks of that look, as far as it comes; whether it came to its end."""
    try:
        yield from look()
        return True
    except TandemError as error:
        yield wrong(subject, name, mask(str(error)), error.exit_code)
    except OSError as error:
        yield wrong(subject, name, f"{error.filename or name} can't be used: {error.strerror or type(error).__name__}")
    return False


def versions() -> Iterator[Check]:
    """Of Tandem, python, and Prefect, with which Tandem was tested in one version alone."""
    python = ".".join(map(str, sys.version_info[:3]))
    yield Check("tandem", "version", OK, f"Tandem {metadata.version('tandem')} on python {python}")
    needed = next(line for line in metadata.requires("tandem") or () if line.startswith("prefect=="))
    there = metadata.version("prefect")
    if needed.partition("==")[2] == there:
        yield Check("prefect", "version", OK, f"Prefect {there}")
    else:
        says = f"Prefect {there} is installed and Tandem needs {needed}: install requirements.lock again"
        yield wrong("prefect", "version", says)


def prefect_server(settings: Settings) -> Iterator[Check]:
    """Whether the server that runs are told to answers, if there is one."""
    url = settings.prefect_api_url
    if url is None:
        yield Check("prefect", "server", OK, "PREFECT_API_URL isn't set: commands run without a server")
        return
    prepare_prefect(settings.home)
    from prefect import get_client
    from prefect.settings import PREFECT_API_URL, temporary_settings

    with temporary_settings({PREFECT_API_URL: url}), get_client(sync_client=True) as client:
        answers = client.api_healthcheck() is None
        version = str(client.api_version()) if answers else ""
    if not answers:
        yield wrong("prefect", "server", "nothing answers at PREFECT_API_URL: start the server, or unset the variable")
    elif version == metadata.version("prefect"):
        yield Check("prefect", "server", OK, f"the server of PREFECT_API_URL answers, version {version}")
    else:
        yield Check("prefect", "server", LOOK, f"the server has version {version}: upgrade it to the version above")


def home(settings: Settings) -> Iterator[Check]:
    """Whether what is kept of people is out of others' reach, and has room."""
    place = settings.home
    if not place.exists():
        yield Check("home", "permissions", OK, f"{place} isn't there yet: the first command makes it, for you alone")
        return
    bare = [path for path in (place, *sorted(place.iterdir())) if _open_to_others(path)]
    if bare:
        yield wrong("home", "permissions", f"others can reach {bare[0]}: `chmod -R go= {place}`, then run this again")
    elif not os.access(place, os.W_OK | os.X_OK):
        yield wrong(
            "home", "permissions", f"{place} can't be written by this user: set TANDEM_HOME, or change its owner"
        )
    else:
        yield Check("home", "permissions", OK, f"{place} is yours alone")
    free = shutil.disk_usage(place).free
    told = f"{free / 1e9:,.1f} GB are free on its disk"
    yield Check("home", "disk", OK, told) if free >= ROOM else Check("home", "disk", LOOK, f"{told}: make room")


def _open_to_others(path: Path) -> bool:
    """A folder that is closed hides what is in it, so its own children tell enough."""
    return not path.is_symlink() and bool(path.stat().st_mode & OTHERS)


def ledger(session: Session) -> Iterator[Check]:
    """Where the ledger is, and who holds it. Raises SettingsError where it can't be used."""
    found = session.ledger
    yield Check("ledger", "database", OK, f"{found.place}; its tables are up to date")
    holder = found.lease.holder(session.now())
    if holder is None:
        yield Check("ledger", "lease", OK, "no run holds it")
    else:
        yield Check("ledger", "lease", LOOK, f"{holder} holds it: others wait until it ends (`tandem status`)")


def standing(session: Session) -> tuple[dict[str, Connection], dict[str, Direction]]:
    """What the ledger knows of connections and directions; nothing where it can't be used."""
    try:
        connections = session.ledger.connections
        return connections.all(), connections.directions()
    except TandemError:
        return {}, {}


def usual_policy(settings: Settings) -> Policy:
    """What stands in for a policy that can't be read, so that systems can be asked whether they answer."""
    return replace(settings, policy_path=DEFAULT_POLICY).policy()


def policy_fits(policy: Policy, directions: dict[str, Direction], connected: Sequence[str]) -> Iterator[Check]:
    """Whether the policy asks for nothing that the directions forbid. Raises PolicyError."""
    check_directions(policy, directions, list(connected))
    yield Check("policy", "file", OK, f"{len(policy.fields)} fields; it doesn't contradict itself or the directions")


def engine(session: Session) -> Iterator[Check]:
    """Whether whoever thinks our plans is there. Raises SettingsError or PolicyError."""
    session.engine.begin()
    yield Check("policy", "engine", OK, f"Dask answers; workers that share a plan: {session.engine.parts}")


def set_up(session: Session, system: str, known: Connection | None) -> Generator[Check, None, bool]:
    """Whether there are credentials for that system at all."""
    try:
        session.check_settings([system])
    except TandemError as error:
        if known is not None and known.connected:
            yield wrong(system, "settings", mask(str(error)), error.exit_code)
        else:
            says = f"it isn't connected; to connect it: {mask(str(error))}"
            yield Check(system, "settings", LOOK, says)
        return False
    return True


def reach(session: Session, system: str, known: Connection | None) -> Iterator[Check]:
    """Whether it answers, and as which account. Raises ConnectorError."""
    account = session.connector(system).identify()
    if known is None or not known.connected:
        says = f"answers as account {account}, and isn't connected: `tandem connect {system}`"
        yield Check(system, "account", LOOK, says)
    elif known.account != account:
        says = (
            f"these credentials open account {account}, and {known.account} is connected: correct them, or replace it"
        )
        yield wrong(system, "account", f"{says} by `tandem connect {system} --replace`")
    elif known.paused:
        says = f"answers as account {account}, and is paused: `tandem resume {system}` takes it in again"
        yield Check(system, "account", LOOK, says)
    else:
        yield Check(system, "account", OK, f"answers as account {account}")


def fields(session: Session, system: str, policy: Policy, directions: dict[str, Direction]) -> Iterator[Check]:
    """What this login may read and write there of what the policy maps. Raises ConnectorError."""
    schema = session.connector(system).peek([], session.now()).schema
    yield from checks.permissions(system, policy, schema, directions)


def api(session: Session, system: str) -> Iterator[Check]:
    """The version of its API that we speak. Raises ConnectorError."""
    if system == SALESFORCE:
        there = offered(session.connector(system))
        if API_VERSION in there:
            yield Check(system, "API", OK, f"speaks {API_VERSION}; the org offers up to {there[-1]}")
        else:
            says = f"the org doesn't offer {API_VERSION}, which Tandem speaks: upgrade Tandem"
            yield wrong(system, "API", says, ConnectorError.exit_code)
    if system == HUBSPOT:
        version = session.settings.optional("HUBSPOT_API_VERSION") or HUBSPOT_API
        yield Check(system, "API", OK, f"answers in version {version}")


def pulse(session: Session, system: str) -> Iterator[Check]:
    """What its answers told of its clock, and of the calls that are left."""
    told = vitals(session.connector(system))
    yield from checks.clock(system, told.ahead)
    yield from checks.calls(system, told.left, told.most, session.policy.budgets.of(system))


def export(session: Session) -> Iterator[Check]:
    """The list of Aloware's contacts. Raises SettingsError or ConnectorError where it can't be read."""
    connector = session.connector(ALOWARE)
    if Capability.LIST not in connector.capabilities:
        says = "contacts that only Aloware has can't be seen: make a contacts export and set ALOWARE_CONTACTS_EXPORT"
        yield Check(ALOWARE, "export", LOOK, says)
        return
    listed: Snapshot = connector.pull(session.now())
    frame = listed.frames["contacts"]
    made = frame["as_of"].max() if len(frame) else None
    yield checks.export(len(frame), None if made is None else datetime.now(UTC) - made.to_pydatetime())


def other_logging(session: Session, found: Sequence[str]) -> Iterator[Check]:
    """Whether something else logs calls as Tasks; `found` is what the calls that are due tell, and without any there is
    still the package to be seen. Raises ConnectorError."""
    found = found or tuple(native.suspicions(task_properties(session.connector(SALESFORCE)), (), ()))
    if not found or session.policy.communications.others == "accept":
        yield Check(SALESFORCE, "other logging", OK, "nothing is seen that logs calls as Tasks beside Tandem")
    else:
        says = f'{found[0]}: switch it off, or set others = "accept" in [communications] of the policy'
        yield Check(SALESFORCE, "other logging", LOOK, says)
