"""Helpers of the connectors' tests: a client with little patience, whose answers come from a function."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tasks.connectors.http import Http
from tasks.connectors.patience import Patience, RunBudget
from tasks.core.model import Change

HASTY = Patience(timeout=1.0, per_call=0.05, first_wait=0.001, longest_wait=0.002)
RECORDED = Path(__file__).parents[2].parent / "shared" / "recorded"
Answer = httpx.Response | Exception


def http(handler: Callable[[httpx.Request], httpx.Response], system: str = "hubspot", **options: Any) -> Http:
    """A client of https://vendor.example whose requests go to `handler`."""
    defaults = {"patience": HASTY, "budget": RunBudget(1.0), "transport": httpx.MockTransport(handler)}
    return Http(system, options.pop("url", "https://vendor.example"), **(defaults | options))


class Script:
    """Answers one request after the other with what was scripted, the last one for ever; keeps the requests."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def update(record_id: str, name: str, value: str, object_name: str = "contacts", system: str = "hubspot") -> Change:
    return Change(f"update-{record_id}", system, object_name, record_id, "update", {name: value})


def create(name: str, fields: dict[str, str], object_name: str = "contacts", system: str = "hubspot") -> Change:
    return Change(name, system, object_name, None, "create", fields)


def recorded(path: str) -> bytes:
    """A recorded payload's bytes; the test is skipped where the recordings aren't at hand."""
    file = RECORDED / path
    if not file.is_file():
        pytest.skip("recorded payloads aren't at hand")
    return file.read_bytes()


def by_change(receipts: Iterable[Any]) -> dict[str, Any]:
    return {receipt.change: receipt for receipt in receipts}
