"""Histories that nobody thought of, and what must hold in each of them: see `machine` and `machine_emulated`."""

import gc

import hypothesis
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.flows.worlds import impatient
from tests.property.machine import Machine
from tests.property.machine_emulated import EmulatedMachine
from tests.property.machine_gate import remember_answers

DEEP, SHARE = 2_000, 100  # histories in all, and in one test
DEEP_EMULATED = 50
FEW = settings(
    max_examples=6,
    stateful_step_count=10,
    derandomize=True,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
MANY = settings(FEW, derandomize=False, database=None)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for what isn't there, no check is made twice, and no library is searched for garbage."""
    gc.freeze()
    remember_answers(monkeypatch)
    impatient(monkeypatch)


def test_histories() -> None:
    """A few, the same every time."""
    run_state_machine_as_test(Machine, settings=FEW)


def test_histories_over_http() -> None:
    """Very few: each has a sandbox of its own."""
    run_state_machine_as_test(EmulatedMachine, settings=settings(FEW, max_examples=2, stateful_step_count=6))


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(DEEP // SHARE))
def test_two_thousand_histories(seed: int) -> None:
    """Others: a share of them, so that processors can share them out."""
    run_state_machine_as_test(hypothesis.seed(seed)(Machine), settings=settings(MANY, max_examples=SHARE))


@pytest.mark.deep
def test_more_histories_over_http() -> None:
    """Many, in sandboxes."""
    run_state_machine_as_test(EmulatedMachine, settings=settings(MANY, max_examples=DEEP_EMULATED))
