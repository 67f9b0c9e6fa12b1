"""All of it on one machine: systems (a sandbox, unless yours are named), Prefect's server and UI, worker, listener."""

import fcntl
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from flows.children import Child, is_free
from flows.connections import connect
from flows.deployed import POOL, deploy, listener, reports, worker
from flows.local_server import serving
from tasks.core.errors import SettingsError, UsageError
from tasks.core.model import SYSTEMS
from tasks.ledger.files import make_folder, write_bytes
from tasks.sandbox.acting import subscribe
from tasks.sandbox.server import Ready, sandbox
from tasks.session import open_session
from tasks.settings import VARIABLES, Settings, adopt, own_prefect_environment, prepare_prefect
from tasks.tell import REPORTS

PEOPLE = 200  # in a new sandbox
SANDBOX = 4  # how many ports a sandbox takes, from the first one on
INBOX, UI, PAGES = 10, 20, 21  # how far behind that port these are
PAUSE = 0.5  # seconds between two looks at whether all of it still runs
LOCK, EXPORTS = "up.lock", "up.env"  # files of the home
BEARER = "TANDEM_INBOX_BEARER"
EAGER = {"PREFECT_WORKER_QUERY_SECONDS": "2", "NO_COLOR": "1"}  # whoever clicks Run waits for it to begin


@dataclass(frozen=True)
class Places:
    """What is where, once all of it answers. `sandbox`: what is called how, and its address; nothing where there is
    none. `exports`: a file that points another terminal at all of it."""

    ui: str
    inbox: str
    reports: str
    sandbox: Sequence[tuple[str, str]]
    home: Path
    exports: Path


def up(port: int, on_ready: Callable[[Places], None]) -> None:
    """Start all of it, say so, and keep it up until ctrl-C, which stops all of it.

    Without the systems' variables in the environment a sandbox is started, whose state is kept in the home. Raises
    UsageError for a port that is taken and for a home where this is at work already, TandemError when a part of it
    doesn't start, or ends.
    """
    settings = Settings.load()
    settings.policy()
    ui, inbox, pages = (f"http://127.0.0.1:{port + step}" for step in (UI, INBOX, PAGES))
    if settings.prefect_api_url not in (None, f"{ui}/api"):
        raise SettingsError(
            "PREFECT_API_URL names a Prefect server, and `tandem up` brings its own: unset it, or deploy to that one "
            "with `prefect --no-prompt deploy --all`."
        )
    home = make_folder(settings.home)
    with _alone(home):
        real = any(name in settings.variables for name in VARIABLES)
        _check_free(*(port + step for step in (INBOX, UI, PAGES)), *(() if real else range(port, port + SANDBOX)))
        systems = nullcontext(None) if real else sandbox(PEOPLE, home=make_folder(home / "sandbox"), port=port)
        with systems as world, serving(home, port + UI) as (api, server):
            variables = _variables(home, api, pages, world)
            adopt(variables)
            lines = (f"export {name}={quote(value)}\n" for name, value in variables.items())
            write_bytes(home / EXPORTS, "".join(lines).encode())
            if world is not None:
                _settle_in(world, f"{inbox}/aloware")
            with _at_work(home, api, port) as children:
                on_ready(Places(ui, inbox, pages, _addresses(world), home, home / EXPORTS))
                watch([server, *children])


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Raises UsageError where another process does this in that home. The lock ends with the process that has it."""
    with (home / LOCK).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UsageError(f"`tandem up` is at work in {home} already: use that one, or end it first.") from None
        yield


def _check_free(*ports: int) -> None:
    for port in ports:
        if not is_free(port):
            raise UsageError(f"Port {port} is taken: end what listens there, or choose others with `tandem up --port`.")


def _variables(home: Path, api: str, reports: str, world: Ready | None) -> dict[str, str]:
    """What an operator would export; for a sandbox with a password for its webhooks that nobody needs to know."""
    ours = {
        "TANDEM_HOME": str(home),
        "TANDEM_REPORTS_URL": reports,
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_API_URL": api,
    }
    if world is None:
        return ours
    systems = {name: world.ready[system][key] for name, (system, key) in VARIABLES.items()}
    return {**ours, **systems, BEARER: secrets.token_urlsafe(24)}


@contextmanager
def _at_work(home: Path, api: str, port: int) -> Iterator[list[Child]]:
    """Deployed, with a worker, the listener and the reports."""
    prepare_prefect(home)
    from tasks import work_pool

    work_pool.open_pool(api, POOL)
    work_pool.clear_pool(api, POOL)
    environment = own_prefect_environment({"PREFECT_HOME": str(home / "prefect"), "PREFECT_API_URL": api, **EAGER})
    deploy(environment)
    logs = make_folder(home / "logs")
    with (
        listener(port + INBOX, environment, logs / "listener.log") as hears,
        reports(port + PAGES, make_folder(home / REPORTS), environment, logs / "reports.log") as shows,
        worker(environment, logs / "worker.log") as works,
    ):
        yield [hears, shows, works]


def _settle_in(world: Ready, inbox: str) -> None:
    """Connect the sandbox's systems, unless a person did or undid that, and have its Aloware tell of what happens."""
    with open_session(read_only=True) as session:
        known = session.ledger.connections.all()
        for system in [system for system in SYSTEMS if system in known and known[system].connected]:
            if session.connector(system).identify() != known[system].account:
                raise UsageError(
                    f"The {system} of this home is another account than the sandbox's: set its variables, or another "
                    "TANDEM_HOME for the sandbox."
                )
    for system in SYSTEMS:
        if system not in known:
            connect(system)
    subscribe(world.control, inbox, Settings.load().variables[BEARER])


def _addresses(world: Ready | None) -> list[tuple[str, str]]:
    if world is None:
        return []
    return [*((system, world.ready[system]["url"]) for system in SYSTEMS), ("its control API", world.control)]


def watch(children: Sequence[Child]) -> None:
    """Until one of them ends. Raises TandemError that says which, and why."""
    while True:
        for child in children:
            child.check()
        time.sleep(PAUSE)
