"""An org's first days with Tandem: assessed, tried on a few, taken in by waves until all agree."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

from flows.apply import apply
from flows.assess import assess
from flows.connections import connect
from flows.plan import plan
from flows.reconcile import reconcile
from tasks.core.assessing.assessment import Assessment
from tasks.core.model import SYSTEMS
from tasks.core.run import RunReport
from tasks.settings import DEFAULT_POLICY
from tests.flows.worlds import Office

T = TypeVar("T")

FIRST = {"salesforce.where.contact": {"LeadSource": ["Web", "Phone Inquiry"]}}
FIRST |= {"salesforce.where.lead": FIRST["salesforce.where.contact"]}
FIRST |= {"hubspot.where": {"lifecyclestage": ["customer"]}}
SECOND = {"hubspot.where": {"lifecyclestage": ["customer", "lead"]}}
WAVES: tuple[dict[str, Any], ...] = (FIRST, SECOND, {})  # what the policy's `where` says, wave by wave; at last nothing


@dataclass
class Step:
    """What was done, how long it took, and what it wrote to each system, as the systems counted it."""

    name: str
    seconds: float
    writes: dict[str, int]
    report: RunReport | None = None


@dataclass
class FirstDays:
    """An assessment, the numbers of those who went first, and every step from there to agreement."""

    assessment: Assessment
    files: dict[str, int]
    pilot: list[str]
    steps: list[Step] = field(default_factory=list)

    def reports(self) -> list[RunReport]:
        return [step.report for step in self.steps if step.report is not None]


def take_in(office: Office, folder: Path, pilot: int, waves: Sequence[dict[str, Any]] = WAVES) -> FirstDays:
    """All of it, in an office that isn't connected yet, with so many people in the pilot."""
    for system in SYSTEMS:
        connect(system)
    done: list[Step] = []
    made, files = _timed(office, done, "assess", lambda: assess(folder / "assessed"))
    numbers = list(made.plan.changes["phone"].drop_duplicates())
    chosen = numbers[:: max(1, len(numbers) // pilot)][:pilot]
    days = FirstDays(made, files, chosen, done)
    drafted = _timed(office, done, f"plan for {pilot}", lambda: plan(initial=True, only=chosen))
    _kept(done, _timed(office, done, f"pilot of {pilot}", lambda: apply(drafted.plan.id)))
    for number, where in enumerate(waves, 1):
        with _policy(folder / f"wave{number}.toml", where):
            _kept(done, _timed(office, done, f"wave {number}", lambda: reconcile(initial=True)))
    _kept(done, _timed(office, done, "and again", reconcile))
    return days


def _timed(office: Office, done: list[Step], name: str, what: Callable[[], T]) -> T:
    office.person.forget_requests()
    began = time.monotonic()
    made = what()
    took = time.monotonic() - began
    done.append(Step(name, took, {system: len(office.person.writes(system)) for system in SYSTEMS}))
    return made


def _kept(done: list[Step], report: RunReport) -> None:
    done[-1].report = report


@contextmanager
def _policy(path: Path, where: dict[str, Any]) -> Iterator[None]:
    """The default policy, narrowed."""
    tables = [
        f"[{table}]\n" + "\n".join(f"{prop} = {values}" for prop, values in rules.items())
        for table, rules in where.items()
    ]
    path.write_text("\n".join([DEFAULT_POLICY.read_text(encoding="utf-8"), *tables]), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TANDEM_POLICY", str(path))
        yield
