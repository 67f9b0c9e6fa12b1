"""What a system's answers tell beside what it was asked: calls left, its clock, how long it takes."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from tasks.connectors import salesforce_limits
from tasks.connectors.limits import Allowance, Limiter
from tasks.connectors.vitals import Pulse, Vitals
from tasks.core.model import SALESFORCE
from tests.connectors.scripted import Script, http


def answer(**headers: str) -> httpx.Response:
    return httpx.Response(200, json={}, headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_nothing_is_known_before_the_first_answer() -> None:
    assert http(Script()).vitals == Vitals()


def test_the_latest_answer_that_says_so_tells_what_is_left_and_how_its_clock_stands() -> None:
    ahead = datetime.now(UTC) + timedelta(hours=1)
    script = Script(
        answer(Sforce_Limit_Info="api-usage=22/15000"),
        answer(Sforce_Limit_Info="api-usage=23/15000", Date=format_datetime(ahead, usegmt=True)),
        answer(),
    )
    client = http(script, SALESFORCE, limiter=Limiter(salesforce_limits.allowance))
    for _ in range(3):
        client.send("GET", "/x")
    told = client.vitals
    assert (told.left, told.most) == (14_977, 15_000)
    assert told.ahead is not None
    assert abs(told.ahead - timedelta(hours=1)) < timedelta(minutes=1)
    assert told.seconds is not None
    assert 0 <= told.seconds < 10


def test_seconds_are_those_of_a_mean_answer() -> None:
    pulse = Pulse()
    for seconds in (1.0, 3.0):
        pulse.feel({}, seconds, Allowance())
    assert pulse.vitals == Vitals(seconds=pytest.approx(2.0))
