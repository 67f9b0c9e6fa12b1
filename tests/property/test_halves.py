"""A plan of some people alone leaves the ledger such that every other plan can be made from it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.plan import draft, look
from tasks.core.plan import ONE_TIME, Plan
from tasks.core.run import Asked
from tests.property.machine_fakes import STATUSES
from tests.property.machine_gate import remember_answers
from tests.property.machine_policies import POLICIES
from tests.property.machine_town import Town

ANN, BOB = "+14155552671", "+14155552672"


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """Ann, a Contact, and Bob, a Lead, have just swapped their numbers."""
    remember_answers(monkeypatch)
    swapped = Town(tmp_path, POLICIES["shipped"], lambda _town, _write: None)
    refs = [
        swapped.enter("contact", first_name="Ann", last_name="Lee", phone=ANN),
        swapped.enter("lead", first_name="Bob", last_name="Lee", phone=BOB),
    ]
    swapped.run()
    for ref, number in zip(refs, (BOB, ANN), strict=True):
        assert ref
        swapped.type_into(ref, phone=number)
    yield swapped
    swapped.close()


def test_a_one_time_pull_waits_for_who_gives_a_number_away(town: Town) -> None:
    """It is about Contacts, and Ann has the number of a Lead: a run brings both to their contacts."""
    plan = town.draft(ONE_TIME, ("Contact",))
    assert planned(plan) == (0, ["half-exchanged"])
    town.carry_out(plan)
    town.run()
    assert in_aloware(town) == {ANN: "Bob", BOB: "Ann"}


def test_a_one_time_pull_of_both_is_of_both(town: Town) -> None:
    plan = town.draft(ONE_TIME, ("Contact", "Lead"))
    assert planned(plan) == (2, [])


@pytest.mark.parametrize(
    ("only", "expected"), [((ANN,), (0, ["half-exchanged"])), ((ANN, BOB), (2, []))], ids=["one", "both"]
)
def test_of_one_who_was_asked_for_nothing_is_planned_without_the_other(
    town: Town, only: tuple[str, ...], expected: tuple[int, list[str]]
) -> None:
    session = town.session
    run = session.ledger.runs.begin("plan", session.now())
    made = draft(session, run, Asked("plan", initial=True, only=only), look(session), STATUSES)
    assert planned(made) == expected


def planned(plan: Plan) -> tuple[int, list[str]]:
    """How many changes, and what is held."""
    assert len(plan.advance.people) == len(plan.changes)
    return len(plan.changes), plan.collisions["kind"].tolist()


def in_aloware(town: Town) -> dict[str | None, str | None]:
    return {town.value(ref, "phone"): town.value(ref, "first_name") for ref in town.living("aloware")}
