"""The fault drill (see `drill`): kinds of faults alone, and some of them together."""

from pathlib import Path

import pytest

from tasks.core.model import SCOPES
from tests.flows.drill import READS, WRITES, Drill, alone, mixed
from tests.flows.worlds import connected

ROUNDS = {
    "a few together": mixed(0, 4),
    "each alone, while writing": alone(WRITES),
    "each alone, while reading": alone(READS),
    **{f"many together, seed {seed}": mixed(seed, 8) for seed in range(8)},
}


@pytest.mark.parametrize(
    "rounds", [n if n == "a few together" else pytest.param(n, marks=pytest.mark.deep) for n in ROUNDS]
)
def test_whatever_fails_nothing_is_lost_or_done_twice(tmp_path: Path, rounds: str) -> None:
    """Kinds alone in all systems at once, and mixed at random, the same ones every time; when they stop, everybody
    agrees."""
    with connected(tmp_path, people=20, scopes=SCOPES) as office:
        drill = Drill(office)
        for name, faults in ROUNDS[rounds]:
            drill.round(name, faults)
        assert drill.failures == []
        assert drill.ends_quietly()
