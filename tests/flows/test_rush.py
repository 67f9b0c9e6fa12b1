"""A small rush of communications, with a kill of the listener and one of a run (see `rush_drill`)."""

from pathlib import Path

from tests.flows.killing import Blow
from tests.flows.rush_drill import drilled


def test_every_communication_has_one_task_whatever_is_lost_late_or_killed(tmp_path: Path) -> None:
    """On the right record, with the latest details; `tests.bench.communications` does the same with 10,000."""
    tally = drilled(tmp_path, talks=100, people=12, kills=[Blow("write", 1, "after")], listener_kills=1)
    assert tally.wanting == []
    assert tally.killed == {"logging": 1, "listener": 1}
    assert tally.tasks == 100
    assert all(tally.told.values()), "none was lost, late or there twice"
