"""What plans are thought by: this process alone, or the workers of a Dask cluster, each with a part of the people.

Only frames travel: no session, no ledger, no credential of a system. Which engine it was shows in no plan.
"""

import asyncio
import hashlib
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from contextlib import ExitStack
from functools import cached_property
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

from tasks import core
from tasks.core.errors import PolicyError, SettingsError
from tasks.orchestrate import in_flow_run
from tasks.settings import Settings

R = TypeVar("R")

# Of another version of these a worker might read a value otherwise than we do.
READERS = ("numpy", "pandas", "phonenumbers", "pyarrow")


NOBODY = (
    "No Dask cluster with a worker answers at the address in TANDEM_DASK_ADDRESS: start it, or unset the variable to "
    "use this machine's processors."
)


class Engine:
    """This process, one part after the other."""

    def __init__(self, parts: int = 1) -> None:
        self._parts = parts

    @property
    def parts(self) -> int:
        """In how many parts work is best given."""
        return self._parts

    def begin(self) -> None:
        """Make sure that it is there. Raises SettingsError or PolicyError where it isn't."""

    def each(self, verb: Callable[..., R], parts: Sequence[object], *shared: object) -> list[R]:
        """What the verb makes of each part, in their order; what is `shared` it is told of every one."""
        return [verb(part, *shared) for part in parts]

    def end(self) -> None:
        """Leave it, and what was started for it."""


HERE = Engine()


class DaskEngine(Engine):
    """The cluster at that address, or one of this machine's processors for as long as it takes. Where Prefect watches,
    each part is a task run of prefect-dask's, elsewhere a plain call.
    """

    def __init__(self, address: str | None, home: Path, patience: float) -> None:
        self._address, self._home, self._patience = address, home, patience
        self._open = ExitStack()

    @property
    def parts(self) -> int:
        """One a worker: few and large, for each costs a tenth of a second."""
        return max(1, len(self._client.nthreads()))

    def begin(self) -> None:
        _ = self._client

    def each(self, verb: Callable[..., R], parts: Sequence[object], *shared: object) -> list[R]:
        from distributed import KilledWorker

        try:
            sent = self._client.scatter(list(parts), hash=False)
            work = _watched(verb) if in_flow_run() else verb
            found = [self._client.submit(work, part, *shared, pure=False) for part in sent]
            results: list[R] = self._client.gather(found)
            return results
        except (CancelledError, KilledWorker, OSError) as error:
            raise SettingsError(
                f"The Dask cluster was lost while it made the plan ({type(error).__name__}): nothing was written. "
                "See that its workers are up and have memory enough, then run this again."
            ) from None

    def end(self) -> None:
        self._open.close()

    @cached_property
    def _client(self) -> Any:
        kind = _watched_client() if in_flow_run() else _plain_client()
        logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # what it finds wrong, we say in a sentence
        if self._address:
            _knock(self._address, self._patience)
        try:
            there = self._address or self._open.enter_context(_processors(self._home))
            client = self._open.enter_context(kind(there, timeout=self._patience, set_as_default=False))
            client.wait_for_workers(1, timeout=self._patience)
        except (OSError, ValueError):
            raise SettingsError(NOBODY) from None
        _check_workers(client)
        return client


def dask_engine(settings: Settings) -> DaskEngine:
    """The engine of `engine = "dask"`. Raises PolicyError where Dask isn't installed."""
    if find_spec("prefect_dask") is None:
        raise PolicyError(
            'The policy says engine = "dask", and Dask isn\'t installed: `pip install ".[dask]"` in the checkout, '
            'or say "local".'
        )
    return DaskEngine(settings.dask_address, settings.home, settings.http_timeout)


def versions() -> dict[str, str]:
    """What decides how a value is read: our own code, and the packages that it stands on."""
    sources = sorted(path for folder in core.__path__ for path in Path(folder).rglob("*.py"))
    code = hashlib.sha256(b"".join(path.read_bytes() for path in sources))
    return {"tandem": code.hexdigest()[:12], **{name: metadata.version(name) for name in READERS}}


def _knock(address: str, patience: float) -> None:
    """Raise SettingsError unless somebody speaks Dask there: a client that finds nobody waits without end for one who
    speaks otherwise, and complains once more when the process ends."""
    from distributed.comm import connect
    from distributed.security import Security

    async def knock() -> None:
        ways = Security().get_connection_args("client")
        (await asyncio.wait_for(connect(address, **ways), patience)).abort()

    try:
        asyncio.run(knock())
    except OSError:
        raise SettingsError(NOBODY) from None
    except (TypeError, ValueError):
        raise SettingsError(
            "TANDEM_DASK_ADDRESS can't be used: write it as tcp://host:8786, or as tls://host:8786 with certificates "
            "in Dask's configuration (`distributed.comm.tls`)."
        ) from None


def _check_workers(client: Any) -> None:
    """Raise SettingsError unless every worker thinks as this process does."""
    ours = versions()
    try:
        theirs = client.run(versions)
    except ModuleNotFoundError:
        raise SettingsError("Tandem isn't installed on the Dask workers: install the same there as here.") from None
    for worker, found in theirs.items():
        if others := [name for name in ours if found[name] != ours[name]]:
            raise SettingsError(
                f"The Dask worker {worker} has another version of {' and '.join(others)}: install ours there too."
            )


def _processors(home: Path) -> Any:
    """A cluster of this machine's processors. What doesn't fit into memory stays in the home: it is about people."""
    from distributed import LocalCluster

    return LocalCluster(dashboard_address=None, local_directory=str(home / "dask"), silence_logs=logging.CRITICAL)


def _plain_client() -> Any:
    from distributed import Client

    return Client


def _watched_client() -> Any:
    from prefect_dask import PrefectDaskClient

    return PrefectDaskClient


def _watched(verb: Callable[..., Any]) -> Any:
    from tasks import flow_runs

    return flow_runs.elsewhere(verb)
