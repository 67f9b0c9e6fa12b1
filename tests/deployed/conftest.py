"""One Prefect server and one deployed town with its worker, for all tests that ask for them."""

from collections.abc import Iterator

import pytest

from flows.local_server import local_server
from tests.deployed.town import Town, deployed


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The API's URL."""
    with local_server(tmp_path_factory.mktemp("prefect-server")) as url:
        yield url


@pytest.fixture(scope="session")
def working_town(prefect_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with deployed(prefect_server, tmp_path_factory.mktemp("town")) as town, town.working():
        yield town


@pytest.fixture(scope="module")
def town(working_town: Town) -> Iterator[Town]:
    """That town; the module's tests are at its desk."""
    with working_town.at_its_desk():
        yield working_town
