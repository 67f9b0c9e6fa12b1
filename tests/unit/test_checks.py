"""A doctor's judgement of clocks, calls and permissions, and the exit code that it comes to."""

import tomllib
from datetime import timedelta

import pytest

from tasks.core.assessing import checks
from tasks.core.assessing.checks import Check, wrong
from tasks.core.assessing.costs import Cost, Pace
from tasks.core.model import HUBSPOT, SALESFORCE, SCOPES, Property
from tasks.core.policy import parse
from tasks.settings import DEFAULT_POLICY

POLICY = parse(tomllib.loads(DEFAULT_POLICY.read_text(encoding="utf-8")))
INBOUND = dict.fromkeys(SCOPES, "inbound")
OPEN = dict.fromkeys(SCOPES, "two-way")


@pytest.mark.parametrize(("seconds", "state"), [(1, "ok"), (-29, "ok"), (31, "look"), (-299, "look"), (301, "wrong")])
def test_a_clock_that_is_far_off_is_worse_the_farther_it_is(seconds: int, state: str) -> None:
    (check,) = checks.clock(HUBSPOT, timedelta(seconds=seconds))
    assert check.state == state


@pytest.mark.parametrize(("left", "state"), [(15_000, "ok"), (1_499, "look"), (0, "wrong")])
def test_few_calls_left_of_the_day_are_worth_a_look_and_none_are_wrong(left: int, state: str) -> None:
    (check,) = checks.calls(SALESFORCE, left, 15_000, 0.2)
    assert (check.state, check.code) == (state, 11 if state == "wrong" else 0)


def test_a_system_that_tells_neither_is_not_judged() -> None:
    assert [*checks.clock(SALESFORCE, None), *checks.calls(SALESFORCE, None, None, 0.2)] == []


def schema(**changed: Property) -> dict[str, dict[str, Property]]:
    """What HubSpot's contacts are mapped to, with some of it otherwise."""
    known = {name: Property(name, type="string") for name in POLICY.mapped(HUBSPOT, "contacts").values()}
    known["hs_lead_status"] = Property("hs_lead_status", type="enumeration")
    return {"contacts": known | changed}


def judged(known: dict[str, dict[str, Property]], directions: dict[str, str]) -> list[tuple[str, str]]:
    return [(check.state, check.says) for check in checks.permissions(HUBSPOT, POLICY, known, directions)]


def test_a_property_that_is_read_only_is_worth_a_look_once_it_is_to_be_written() -> None:
    held = schema(company=Property("company", type="string", updateable=False, createable=False))
    ((state, _),) = judged(held, INBOUND)
    assert state == "ok"
    ((state, says),) = judged(held, OPEN)
    assert (state, says) == ("look", "company can't be written by this login: such changes are refused")


def test_a_required_property_that_nobody_gives_is_worth_a_look_once_records_are_created() -> None:
    held = schema(region=Property("region", type="string", required=True))
    assert [state for state, _ in judged(held, INBOUND)] == ["ok"]
    (state, says), _ = judged(held, OPEN)
    assert state == "look"
    assert says.startswith("region is required of a new contacts")


def test_a_property_of_another_type_is_wrong() -> None:
    ((state, says),) = judged(schema(email=Property("email", type="datetime")), INBOUND)
    assert state == "wrong"
    assert "doesn't fit a field of type email" in says


@pytest.mark.parametrize(
    ("codes", "expected"),
    [([], 0), ([11], 11), ([11, 10], 10), ([10, 10], 10)],
)
def test_settings_come_before_systems(codes: list[int], expected: int) -> None:
    fine = Check("home", "disk", "look", "")
    assert checks.exit_code([fine, *(wrong("x", "y", "z", code) for code in codes)]) == expected


def test_hours_are_those_of_the_answers_or_of_the_vendors_limit_whichever_is_longer() -> None:
    """100,000 look-ups of 1.4 s, 16 at a time, and as many forms, 8 at a time; or 4,000 calls a minute."""
    aloware = Pace(1.4, 16, 8, 4000)
    assert aloware.hours(100_000, 100_000) == pytest.approx(1.4 * (100_000 / 16 + 100_000 / 8) / 3600)
    assert Pace(0.001, 16, 8, 4000).hours(100_000, 100_000) == pytest.approx(200_000 / 4000 / 60)


@pytest.mark.parametrize(("left", "share", "runs"), [(15_000, 0.2, 1), (1_000, 0.2, 3), (0, 0.2, 600), (None, 0.2, 1)])
def test_a_run_may_use_its_share_of_a_day_and_the_next_goes_on(left: int | None, share: float, runs: int) -> None:
    assert Cost(SALESFORCE, 100, 300, 200, Pace(1.0), left, 15_000, share).runs == runs
