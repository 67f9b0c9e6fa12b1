"""What vendors say is left: slower before it runs out, no further than the policy's share of the day."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from scripted import Script, http, update
from subjects import WANTED, logins, subject

from tasks.connectors import hubspot_api, patience, salesforce_limits
from tasks.connectors.http import retry_after
from tasks.connectors.limits import Allowance, Limiter, Window
from tasks.connectors.opening import open_connector
from tasks.connectors.patience import Pace
from tasks.core.errors import ConnectorError
from tasks.core.model import HUBSPOT, SALESFORCE, Outcome
from tasks.sandbox.hubspot import limits as hubspot_limits
from tasks.sandbox.server import sandbox

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


class Pauses:
    """Stands for `time`: sleeping takes no time, and is remembered."""

    def __init__(self) -> None:
        self.now, self.slept = 1000.0, []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> Pauses:
    stopped = Pauses()
    monkeypatch.setattr(patience, "time", stopped)
    return stopped


def test_while_a_fifth_of_a_burst_is_left_nobody_waits(pauses: Pauses) -> None:
    pace = Pace()
    for left in range(99, 19, -1):
        pace.wait()
        pace.heed(left, 100, 10.0)
    assert pauses.slept == []


def test_a_rolling_window_never_runs_dry(pauses: Pauses) -> None:
    """Whoever heeds the headers makes no call that the vendor would refuse, and goes fast again afterwards."""
    pace, made = Pace(), []
    for _ in range(400):
        pace.wait()
        made = [at for at in made if pauses.now - at < 10.0]
        assert len(made) < 100
        made.append(pauses.now)
        pace.heed(100 - len(made), 100, 10.0)
    assert 15.0 < pauses.now - 1000.0 < 60.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        (
            {"Retry-After": format_datetime(NOON + timedelta(seconds=9), usegmt=True), "Date": format_datetime(NOON)},
            9.0,
        ),
        ({"Retry-After": format_datetime(NOON, usegmt=True)}, 0.0),
        ({"Retry-After": "soon"}, 0.0),
        ({"Retry-After": "-3"}, 0.0),
        ({}, 0.0),
    ],
)
def test_retry_after_is_seconds_or_a_date_on_the_vendor_s_clock(headers: dict[str, str], seconds: float) -> None:
    assert retry_after(httpx.Headers(headers)) == seconds


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("api-usage=22/15000", 14978),
        ("per-app-api-usage=1/9(appName=x); api-usage=15010/15000", 0),
        ("per-app-api-usage=1/9(appName=x)", None),
        ("", None),
    ],
)
def test_salesforce_tells_the_calls_of_the_day(said: str, left: int | None) -> None:
    assert salesforce_limits.allowance(httpx.Headers({"Sforce-Limit-Info": said})) == Allowance(
        day=left, most=None if left is None else 15000
    )


def test_hubspot_tells_burst_and_day_or_one_of_them_or_nothing() -> None:
    rate = "x-hubspot-ratelimit-"
    day = {f"{rate}daily-remaining": "249000", f"{rate}daily": "250000"}
    burst = {f"{rate}remaining": "99", f"{rate}max": "100", f"{rate}interval-milliseconds": "10000"}
    told = [hubspot_api.allowance(httpx.Headers(given)) for given in (day | burst, day, {}, {f"{rate}max": "x"})]
    window = Window(99, 100, 10.0)
    assert told == [Allowance(window, 249000, 250000), Allowance(None, 249000, 250000), Allowance(), Allowance()]


def test_a_share_of_what_is_left_of_the_day_ends_the_run_with_numbers() -> None:
    """The first answer says that 19 of 100 are left after it: 20 % of those 20 are 4 calls."""
    answers = (httpx.Response(200, json={}, headers={"Sforce-Limit-Info": f"api-usage={81 + n}/100"}) for n in range(9))
    script = Script(*answers)
    client = http(script, SALESFORCE, limiter=Limiter(salesforce_limits.allowance, 0.2))
    for _ in range(4):
        client.send("GET", "/x")
    with pytest.raises(ConnectorError, match=r"made 4 calls and may make 4: 20% of the 20 .*\[budgets\]") as raised:
        client.send("GET", "/x")
    assert raised.value.exit_code == 11
    assert len(script.requests) == 4


def test_without_a_word_on_the_day_there_is_no_budget() -> None:
    script = Script(httpx.Response(200, json={}))
    client = http(script, SALESFORCE, limiter=Limiter(salesforce_limits.allowance, 0.01))
    for _ in range(5):
        client.send("GET", "/x")
    assert len(script.requests) == 5


def test_a_spent_budget_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written has its receipts, the batch that wasn't sent says why, and what comes after it has none."""
    monkeypatch.setattr(hubspot_limits, "DAILY", 20)
    with sandbox() as world:
        it = subject(open_connector(logins(world.ready)[HUBSPOT], WANTED[HUBSPOT]))
        born = [str(r.record_id) for r in it.connector.write([it.create(n) for n in range(101)])]
        short = open_connector(logins(world.ready)[HUBSPOT], WANTED[HUBSPOT], share=0.1)
        receipts, changes = [], [update(record_id, it.name, "After") for record_id in born]
        with pytest.raises(ConnectorError, match="HubSpot isn't asked again in this run"):
            receipts.extend(short.write(changes))
        assert [r.outcome for r in receipts] == [Outcome.APPLIED] * 100 + [Outcome.FAILED]
