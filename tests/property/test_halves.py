"""A plan of some people alone leaves the ledger such that every other plan can be made from it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.plan import draft, look
from tasks.core.model import SCOPES
from tasks.core.plan import ONE_TIME, Plan
from tasks.core.run import Asked
from tests.property.machine_fakes import STATUSES
from tests.property.machine_gate import remember_answers
from tests.property.machine_policies import POLICIES
from tests.property.machine_town import Town

ANN, BOB = "+14155552671", "+14155552672"


@pytest.fixture
def quiet_town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """Ann, a Contact without a first name, and Bob, a Lead, each with a contact in Aloware."""
    remember_answers(monkeypatch)
    quiet = Town(tmp_path, POLICIES["shipped"], lambda _town, _write: None)
    quiet.enter("contact", last_name="Lee", phone=ANN)
    quiet.enter("lead", first_name="Bob", last_name="Lee", phone=BOB)
    quiet.run()
    yield quiet
    quiet.close()


@pytest.fixture
def town(quiet_town: Town) -> Town:
    """The same people, two-way, who have just swapped their numbers."""
    for scope in SCOPES:
        quiet_town.direct(scope, "two-way")
    quiet_town.run()
    quiet_town.type_into(*quiet_town.living("contact"), phone=BOB)
    quiet_town.type_into(*quiet_town.living("lead"), phone=ANN)
    return quiet_town


@pytest.mark.parametrize("objects", [("Contact",), ("Contact", "Lead")])
def test_a_one_time_pull_leaves_an_exchange_to_a_run(town: Town, objects: tuple[str, ...]) -> None:
    """Their contacts in Aloware change hands. What one says of Bob isn't Ann's: it isn't taken over by the pull, and
    not by the run that follows, which brings both to their contacts."""
    plan = town.draft(ONE_TIME, objects)
    assert planned(plan) == (0, ["changes-hands"] * len(objects))
    town.carry_out(plan)
    for _ in range(2):
        town.run()
    assert by_number(town, "aloware")[ANN] == "Bob"
    assert by_number(town, "contact") == {BOB: ""}


def test_a_one_time_pull_brings_a_number_that_nobody_had(town: Town) -> None:
    (ann,), (bob,) = town.living("contact"), town.living("lead")
    town.type_into(bob, phone=BOB)
    town.type_into(ann, first_name="Ann", phone="+14155552673")
    town.one_time_pull(("Contact",))
    assert by_number(town, "aloware")["+14155552673"] == "Ann"


@pytest.mark.parametrize(
    ("only", "expected"), [((ANN,), (0, ["changes-hands"])), ((ANN, BOB), (1, []))], ids=["one", "both"]
)
def test_of_one_who_was_asked_for_nothing_is_planned_without_the_other(
    town: Town, only: tuple[str, ...], expected: tuple[int, list[str]]
) -> None:
    session = town.session
    run = session.ledger.runs.begin("plan", session.now())
    made = draft(session, run, Asked("plan", initial=True, only=only), look(session), STATUSES)
    assert planned(made) == expected


def test_a_one_time_pull_gives_nobody_a_second_contact(quiet_town: Town) -> None:
    """An agent gives Ann's contact the number of Bob, of whom nothing else is left: it is his now, which the pull
    leaves to a run. Until then Ann gets no other."""
    town = quiet_town
    ann, bob = sorted(town.living("aloware"), key=lambda ref: town.value(ref, "phone") or "")
    town.delete(bob)
    town.delete(*town.living("lead"))
    town.run()
    town.type_into(ann, phone=BOB)
    plan = town.draft(ONE_TIME, ("Contact", "Lead"))
    assert planned(plan) == (0, ["changes-hands"])
    town.carry_out(plan)
    for _ in range(2):
        town.run()
    assert by_number(town, "aloware").keys() == {ANN, BOB}


def planned(plan: Plan) -> tuple[int, list[str]]:
    """How many changes, and what is held."""
    return len(plan.changes), plan.collisions["kind"].tolist()


def by_number(town: Town, place: str) -> dict[str | None, str]:
    """Number → first name of every record there."""
    return {town.value(ref, "phone"): town.value(ref, "first_name") or "" for ref in town.living(place)}
