"""A Prefect server of our own, on loopback, for as long as somebody watches: `tandem demo`, `tandem up`, the tests."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flows.children import Child, answers, child, free_port
from tasks.ledger.files import make_folder
from tasks.settings import own_prefect_environment


@contextmanager
def local_server(home: Path) -> Iterator[str]:
    """Serve from a process with its files in `home`/prefect; gives the API's URL, once it answers.

    It ends with the block, and with this process whatever becomes of that. Raises TandemError when it doesn't start.
    """
    with serving(home, free_port()) as (url, _):
        yield url


@contextmanager
def serving(home: Path, port: int) -> Iterator[tuple[str, Child]]:
    """As `local_server`, on that port; gives the process as well."""
    place = make_folder(make_folder(home) / "prefect")
    ui = f"http://127.0.0.1:{port}"
    url = f"{ui}/api"
    words = ("prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port))
    own = {"PREFECT_HOME": str(place), "PREFECT_UI_API_URL": url, "PREFECT_UI_URL": ui, "NO_COLOR": "1"}
    environment = own_prefect_environment(own)
    with child("The local Prefect server", words, environment, place / "server.log") as server:
        try:
            server.wait_until(lambda: answers(f"{url}/health"))
            yield url, server
        finally:
            _tell_the_rest()


def _tell_the_rest() -> None:
    """Send what this process still has for its server, before that is gone."""
    if "prefect" in sys.modules:
        from tasks import flow_runs

        flow_runs.hang_up()
