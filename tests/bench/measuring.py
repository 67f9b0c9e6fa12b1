"""Measurements: how long a stage takes and how much memory its process held, beside its anchor in the same process."""

import gc
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from cProfile import Profile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import CodeType
from typing import Any

import tasks

TIMES = 3  # of which the median counts
LONG = 120  # seconds: what takes longer is done once

OURS, FUNCTIONS = Path(tasks.__path__[0]), 8  # whose functions a profile names, and how many

CLEAR = Path("/proc/self/clear_refs")  # Linux forgets the peak when 5 is written to it


@dataclass(frozen=True)
class Row:
    """`ratio`: how often the anchor's time the stage takes, both for as many rows."""

    name: str
    n: int
    seconds: float
    peak_mb: int
    anchor: str | None = None
    ratio: float | None = None

    @property
    def micros(self) -> float:
        """Microseconds a row."""
        return self.seconds / self.n * 1e6


@dataclass(frozen=True)
class Stage:
    """What is measured. `before` is done each time first, and isn't; `share`: of an anchor that is too slow for all n
    rows, of how many it is done."""

    name: str
    run: Callable[[], Any]
    before: Callable[[], Any] = gc.collect
    share: float = 1.0


def measured(n: int, stages: Sequence[Stage], anchors: Sequence[Stage] = ()) -> Iterator[Row]:
    """The anchors, then each stage beside every anchor; a stage without one alone."""
    found = [_timed(n, anchor) for anchor in anchors]
    yield from found
    for stage in stages:
        row = _timed(n, stage)
        yield from (beside(row, anchor) for anchor in found or [None])


def beside(row: Row, anchor: Row | None) -> Row:
    """That row with its ratio to the anchor, if there is one."""
    if anchor is None:
        return row
    return replace(row, anchor=anchor.name, ratio=round(row.micros / anchor.micros, 3))


def heaviest(row: Row, stage: Stage) -> Iterator[Row]:
    """Where a stage's time goes: the functions of ours that took longest when it was done once more, under a profiler;
    with all that they call, so that their times are no shares."""
    profile, spent = Profile(), dict[str, float]()
    stage.before()
    profile.runcall(stage.run)
    for entry in profile.getstats():
        if isinstance(entry.code, CodeType) and (path := Path(entry.code.co_filename)).is_relative_to(OURS):
            spent[f"{path.stem}.{entry.code.co_name}"] = entry.totaltime
    named = (name for name in spent if not name.endswith(">"))  # what has no name of its own is part of what called it
    for name in sorted(named, key=lambda name: -spent[name])[:FUNCTIONS]:
        yield Row(f"· {name}", row.n, round(spent[name], 4), row.peak_mb)


def _timed(n: int, stage: Stage) -> Row:
    seconds: list[float] = []
    _forget_peak()
    while len(seconds) < TIMES and (not seconds or seconds[0] < LONG):
        stage.before()
        began = time.perf_counter()
        stage.run()
        seconds.append(time.perf_counter() - began)
    return Row(stage.name, round(n * stage.share), round(statistics.median(seconds), 4), peak())


def _forget_peak() -> None:
    with suppress(OSError):
        CLEAR.write_text("5")


def peak() -> int:
    """The most memory the process held since it was forgotten (where nothing forgets: ever), in megabytes."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) // 1024
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit


def written(rows: Sequence[Row], place: Path) -> None:
    """As JSON, for whoever compares."""
    place.parent.mkdir(exist_ok=True)
    place.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")
