"""One world, one plan: no order that means nothing, and nothing about the process, shows in it (design, §10.8)."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from flows.plan import plan
from tasks.core.model import SCOPES, SYSTEMS
from tests.flows.worlds import connected, number
from tests.property.determinism import lived_in, mixed_up, taught, told
from tests.property.machine_gate import remember_answers
from tests.property.machine_policies import POLICIES
from tests.property.machine_town import Town

HABITS = (
    {"TZ": "America/St_Johns", "LC_ALL": "C", "PYTHONHASHSEED": "0", "PYTHONUTF8": "0"},
    {"TZ": "Asia/Kathmandu", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "4294967295", "PYTHONUTF8": "1"},
)
QUICK = ("next number",)
TOWNS = [pytest.param(name, marks=[] if name in QUICK else [pytest.mark.deep]) for name in POLICIES]
FEW = settings(
    max_examples=2,
    derandomize=True,
    deadline=None,
    phases=[Phase.generate],  # no order is simpler than another
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module", params=TOWNS)
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with pytest.MonkeyPatch.context() as patch:
        remember_answers(patch)
        made = lived_in(tmp_path_factory.mktemp("order"), request.param)
        yield made
        made.close()


@FEW
@given(seed=st.integers(0, 1 << 30))
def test_no_order_shows_in_a_plan(town: Town, seed: int) -> None:
    """Of systems, objects, rows, columns, what a page holds, users, properties, and of all that the ledger knows."""
    plain = town.draft()
    assert len(plain.changes) > 5
    with mixed_up(seed):
        other = town.draft()
    assert told(other) == told(plain)
    for name, lesson in taught(plain).items():
        pd.testing.assert_frame_equal(taught(other)[name].reset_index(drop=True), lesson.reset_index(drop=True))


def test_nothing_about_the_process_shows_in_a_plan() -> None:
    """Not its time zone, not its language, not how it hashes."""
    command = [sys.executable, "-m", "tests.property.determinism"]
    running = [
        subprocess.Popen(command, env={**os.environ, **habits}, stdout=subprocess.PIPE, text=True) for habits in HABITS
    ]
    answers = [json.loads(process.communicate(timeout=150)[0]) for process in running]
    assert answers[0]["changes"]
    assert answers == [answers[0]] * len(HABITS)


def test_the_length_of_pages_does_not_show_in_a_plan(tmp_path: Path) -> None:
    """CRMs that give a few records at a time say the same as ones that give all."""
    with connected(tmp_path, people=40, scopes=SCOPES, stock=3) as office:
        for lee in office.stock:
            office.person.create_in_hubspot(firstname="Ann", lastname="Other", phone=lee.phone)
            office.person.create_in_salesforce("Lead", LastName="New", Company="Acme", Phone=number())
        long = plan(full=True).plan
        for crm in SYSTEMS[:2]:
            office.person.break_next(crm, "short", times=1000)
        short = plan(full=True).plan
        assert len(long.changes) > 5
        assert told(short) == told(long)
