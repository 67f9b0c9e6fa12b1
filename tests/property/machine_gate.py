"""The gate, asked each question once: Great Expectations takes a third of a small run, and its answers don't change."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import pandas as pd
import pytest

from tasks import gate
from tasks.quality import snapshots


def remember_answers(patched: pytest.MonkeyPatch) -> None:
    """Let the checks of a run answer from memory what they were asked before, to the letter."""
    patched.setattr(snapshots, "check_facts", _remembering(snapshots.check_facts))
    patched.setattr(gate, "check_after_state", _remembering(gate.check_after_state))


def _remembering(check: Callable[..., Any]) -> Callable[..., Any]:
    known: dict[tuple[str, ...], Any] = {}

    @wraps(check)
    def answer(*question: object) -> Any:
        words = tuple(map(_words, question))
        if words not in known:
            known[words] = check(*question)
        return known[words]

    return answer


def _words(part: object) -> str:
    return part.to_json(orient="split") if isinstance(part, pd.DataFrame) else repr(part)
