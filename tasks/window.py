"""What Prefect's UI shows of a run beside its tasks: pages, and how far long work is. It is a window: the ledger knows
all of it, and what can't be shown stops no run.

Imported only where Prefect is in charge.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import cast
from uuid import UUID

from prefect import get_run_logger
from prefect.artifacts import create_markdown_artifact, create_progress_artifact, update_progress_artifact

from tasks.core.masking import mask

EVERY = 5.0  # seconds between two looks at a gauge


@contextmanager
def looked_through() -> Iterator[None]:
    """Inside, a server that doesn't answer is no reason to stop."""
    try:
        yield
    except Exception as error:
        get_run_logger().warning("Prefect's server couldn't be told of it: %s", type(error).__name__)


def show(key: str, page: str, words: str) -> None:
    """Keep a Markdown page as an artifact of this flow run; `words` say on its card what it says."""
    with looked_through():
        create_markdown_artifact(markdown=page, key=key, description=mask(words))


class Gauge:
    """How far long work of this flow run is, shown from when it has taken a while on: an artifact that grows, or where
    nobody knows how much there is, a line of the log now and then."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {}  # stage → when it began, then when it was told last
        self._bars: dict[str, UUID] = {}

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        now = monotonic()
        ending = done == total and stage in self._bars
        if now - self._told.setdefault(stage, now) < EVERY and not ending:
            return
        self._told[stage] = now
        with looked_through():
            if total:
                self._draw(stage, 100 * done / total, f"{stage}: {done:,} of {total:,}")
            else:
                get_run_logger().info("%s: %s so far", stage, f"{done:,}")

    def _draw(self, stage: str, share: float, words: str) -> None:
        if stage in self._bars:
            update_progress_artifact(self._bars[stage], share, words)
        else:
            key = f"progress-{stage.lower().replace(' ', '-')}"
            self._bars[stage] = cast(UUID, create_progress_artifact(share, key, words))
