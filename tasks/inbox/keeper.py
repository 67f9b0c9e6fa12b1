"""Stores what was heard before anybody is answered: posts that arrive together share one transaction."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Post:
    """One event as it came: which system's, when, and its JSON text."""

    source: str
    at: datetime
    text: str


class Keeper:
    """Hands posts to `keep` in batches, one batch at a time, on a thread: it blocks until they are on the disk."""

    def __init__(self, keep: Callable[[Sequence[Post]], None]) -> None:
        self._keep = keep
        self._waiting: list[tuple[Sequence[Post], asyncio.Future[None]]] = []
        self._work: asyncio.Task[None] | None = None

    async def store(self, posts: Sequence[Post]) -> None:
        """Returns when they are stored; raises whatever `keep` raised."""
        stored = asyncio.get_running_loop().create_future()
        self._waiting.append((posts, stored))
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._run())
        await stored

    async def _run(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                await asyncio.to_thread(self._keep, [post for posts, _ in batch for post in posts])
            except Exception as error:
                _tell(batch, error)
            else:
                _tell(batch, None)


def _tell(batch: Sequence[tuple[Sequence[Post], "asyncio.Future[None]"]], error: Exception | None) -> None:
    """Whoever hung up meanwhile is told nothing; what they sent is stored all the same."""
    for _, stored in batch:
        if stored.done():
            continue
        if error is None:
            stored.set_result(None)
        else:
            stored.set_exception(error)
