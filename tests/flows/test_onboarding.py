"""An existing org is taken in step by step: assessed, tried on a few people, by waves, until nothing is left to do."""

from collections.abc import Iterator

import pytest

from tests.flows.onboarding import WAVES, FirstDays, take_in
from tests.flows.worlds import Office, office

PEOPLE, PILOT = 60, 5
TWO = (WAVES[0], WAVES[-1])


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, FirstDays]]:
    folder = tmp_path_factory.mktemp("onboarding")
    with office(folder, PEOPLE, seed=11) as made:
        yield made, take_in(made, folder, PILOT, TWO)


@pytest.fixture
def days(taken: tuple[Office, FirstDays]) -> FirstDays:
    return taken[1]


def test_assessing_and_planning_write_nothing(days: FirstDays) -> None:
    for step in days.steps[:2]:
        assert set(step.writes.values()) == {0}, step.name


def test_the_pilot_writes_what_it_was_planned_for_and_nobody_else(days: FirstDays) -> None:
    """Exactly the changes that the assessment foresaw for those people."""
    pilot = days.reports()[0]
    foreseen = days.assessment.plan.changes
    foreseen = foreseen[foreseen["phone"].isin(days.pilot)]
    assert set(pilot.plan.changes["phone"]) == set(days.pilot)
    assert len(pilot.plan.changes) == len(foreseen) == pilot.receipts["applied"] >= PILOT
    assert sum(days.steps[2].writes.values()) == len(foreseen)


def test_each_wave_reaches_those_that_the_one_before_left_out(days: FirstDays) -> None:
    waves = days.reports()[1 : 1 + len(TWO)]
    assert [report.receipts["applied"] > 0 for report in waves] == [True] * len(TWO)
    assert [report.converged for report in waves] == [True] * len(TWO)
    first = waves[0].plan.changes["phone"]
    assert not set(first) & set(days.pilot), "who was taken in by the pilot has nothing to be written any more"


def test_every_new_number_is_paid_for_once(days: FirstDays) -> None:
    """All steps together create in Aloware as many contacts as the assessment had priced."""
    changes = [report.plan.changes for report in days.reports()]
    born = [phone for each in changes for phone in each.loc[each["kind"] == "create", "phone"]]
    assert len(born) == len(set(born)) == days.assessment.new_numbers


def test_in_the_end_there_is_nothing_to_do_and_no_crm_was_written(taken: tuple[Office, FirstDays]) -> None:
    made, days = taken
    last = days.reports()[-1]
    assert last.plan.changes.empty
    assert last.converged
    assert sum(step.writes["salesforce"] + step.writes["hubspot"] for step in days.steps) == 0
    numbers = made.person.aloware_numbers()
    assert len(numbers) == len(set(numbers))
