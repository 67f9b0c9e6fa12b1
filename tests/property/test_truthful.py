"""Plans keep their word: over random worlds, what is planned is what comes, and what is refused would have been."""

from pathlib import Path

import pytest

from tests.property.machine_gate import remember_answers
from tests.property.truthful import Tally, world

QUICK = (1, 9)
DEEP, SHARE = 200, 10  # worlds in all, and in one test


@pytest.fixture(autouse=True)
def _remembering(monkeypatch: pytest.MonkeyPatch) -> None:
    remember_answers(monkeypatch)


def worlds(seeds: range | tuple[int, ...], folder: Path) -> Tally:
    """How those worlds went; their words that weren't kept are said together."""
    total = sum((world(seed, folder / str(seed)) for seed in seeds), Tally())
    assert not total.broken, "\n".join(total.broken)
    return total


def test_plans_keep_their_word(tmp_path: Path) -> None:
    """§10.6: predicted writes, refusals and calls equal actual ones, creates included."""
    total = worlds(QUICK, tmp_path)
    assert min(total.writes - 50, total.creates, total.refused - 10, total.tried) > 0, total


@pytest.mark.deep
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("share", range(DEEP // SHARE))
def test_two_hundred_worlds(share: int, tmp_path: Path) -> None:
    """Others, so many that every variant of the policy comes with every one about names."""
    worlds(range(1000 + share * SHARE, 1000 + (share + 1) * SHARE), tmp_path)
