"""Some kills (see `crash`) with the ledger in PostgreSQL: a file of its own, so that it is run beside the other one."""

from pathlib import Path

import pytest

from tests.flows.crash import some_kills
from tests.unit.ledgers import postgresql

__all__ = ["postgresql"]


@pytest.mark.usefixtures("postgresql")
def test_whenever_it_is_killed_the_next_run_ends_in_the_same_state(tmp_path: Path) -> None:
    """Nothing is lost, nothing there twice, and nothing left to do."""
    assert some_kills(tmp_path, "postgresql", 3) == []
