"""The fault drill (see `drill`): every kind of fault alone, and some of them together."""

from pathlib import Path

import pytest

from tasks.core.model import SCOPES
from tests.flows.drill import READS, WRITES, Drill, alone, mixed
from tests.flows.worlds import connected


def test_whatever_fails_while_writing_nothing_is_lost_or_done_twice(tmp_path: Path) -> None:
    """Each kind in all systems at once; when it stops, everybody agrees."""
    with connected(tmp_path, people=20, scopes=SCOPES) as office:
        drill = Drill(office)
        for name, faults in alone(WRITES):
            drill.round(name, faults)
        assert drill.failures == []
        assert drill.ends_quietly()


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(8))
def test_whatever_fails_together_nothing_is_lost_or_done_twice(tmp_path: Path, seed: int) -> None:
    """Kinds mixed at random, the same ones every time; before them each kind alone, while reading."""
    with connected(tmp_path, people=40, seed=seed, scopes=SCOPES) as office:
        drill = Drill(office)
        for name, faults in [*(alone(READS) if seed == 0 else ()), *mixed(seed, 8)]:
            drill.round(name, faults)
        assert drill.failures == []
        assert drill.ends_quietly()
