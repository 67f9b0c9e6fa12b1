"""Histories that nobody thought of, and what must hold in each of them: see `machine` and `machine_emulated`."""

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import hypothesis
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.flows.worlds import impatient
from tests.property.machine import Machine
from tests.property.machine_emulated import EmulatedMachine
from tests.property.machine_gate import remember_answers

DEEP, SHARE = 2_000, 125  # histories in all, and of one process before another takes over: memory grows with them
DEEP_EMULATED = 50
FEW = settings(
    max_examples=20,
    stateful_step_count=10,
    derandomize=True,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
MANY = settings(FEW, stateful_step_count=14, derandomize=False, database=None)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for what isn't there, and no check is made twice."""
    remember_answers(monkeypatch)
    impatient(monkeypatch)


def test_histories() -> None:
    """A few, the same every time."""
    run_state_machine_as_test(Machine, settings=FEW)


def test_histories_over_http() -> None:
    """Very few: each has a sandbox of its own."""
    run_state_machine_as_test(EmulatedMachine, settings=settings(FEW, max_examples=2, stateful_step_count=6))


@pytest.mark.deep
@pytest.mark.timeout(7_200)
def test_two_thousand_histories() -> None:
    """Others, and longer ones, on all processors."""
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), max_tasks_per_child=1) as workers:
        for _ in workers.map(tell, range(DEEP // SHARE)):
            pass


def tell(seed: int) -> None:
    """One process's share of the histories."""
    with pytest.MonkeyPatch.context() as patched:
        remember_answers(patched)
        run_state_machine_as_test(hypothesis.seed(seed)(Machine), settings=settings(MANY, max_examples=SHARE))


@pytest.mark.deep
@pytest.mark.timeout(3_600)
def test_more_histories_over_http() -> None:
    """Many, and longer ones, in sandboxes."""
    run_state_machine_as_test(EmulatedMachine, settings=settings(MANY, max_examples=DEEP_EMULATED))
