"""How tests are shared out among processors (`make test`)."""

from typing import Any

import pytest

DEPLOYED = "tests/deployed/"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """By file, a file's tests stay together, for they share its fixtures; so do all that share one Prefect server."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class Sharing(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return DEPLOYED if nodeid.startswith(DEPLOYED) else super()._split_scope(nodeid)

    return Sharing(config, log)
