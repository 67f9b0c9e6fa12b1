"""Where a run's time goes: the seconds of every verb that its sentences say."""

import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

import pytest

from tasks.core.model import SYSTEMS
from tasks.orchestrate import task
from tests.bench.measuring import Row

VERB = task(len).__code__
SLIGHT = 0.01  # of a run: a verb that takes no more isn't worth a line


@contextmanager
def noting() -> Iterator[dict[str, float]]:
    """Verb → the seconds that it took, all told, until the block ends; in the order in which they were said first."""
    spent = defaultdict[str, float](float)
    sentences = [module for name, module in sys.modules.items() if name.startswith(("flows.", "tasks."))]
    with pytest.MonkeyPatch.context() as patched:
        for module in sentences:
            for name, verb in list(vars(module).items()):
                if getattr(verb, "__code__", None) is VERB:
                    patched.setattr(module, name, _noted(verb, spent))
        yield spent


@dataclass
class Split:
    """A run that remembers where the time of its last turn went."""

    run: Callable[[], Any]
    took: float = 0
    spent: dict[str, float] = field(default_factory=dict)

    def __call__(self) -> None:
        with noting() as self.spent:
            began = time.monotonic()
            self.run()
            self.took = time.monotonic() - began

    def rows(self, whole: Row, rest: str) -> Iterator[Row]:
        """One a verb that counts, for as many rows as the whole is of; and one for what is done beside them."""
        heavy = {verb: seconds for verb, seconds in self.spent.items() if seconds > SLIGHT * self.took}
        for verb, seconds in (heavy | {rest: self.took - sum(heavy.values())}).items():
            yield Row(f"· {verb}", whole.n, round(seconds, 4), whole.peak_mb)


def _noted(verb: Callable[..., Any], spent: dict[str, float]) -> Callable[..., Any]:
    @wraps(verb)
    def noted(*args: Any, **kwargs: Any) -> Any:
        began = time.monotonic()
        try:
            return verb(*args, **kwargs)
        finally:
            pulled = [word for word in args if isinstance(word, str) and word in SYSTEMS]
            spent[" ".join([verb.__name__, *pulled])] += time.monotonic() - began

    return noted
