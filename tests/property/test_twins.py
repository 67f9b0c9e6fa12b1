"""Whatever a plan comes to that is made from a part of the world, it would have come to from all of it: only the time
that it takes, and the memory, may tell which it was."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from flows.plan import draft, intend, judge, look, see
from tasks.core.errors import UsageError
from tasks.core.model import SCOPES
from tasks.core.plan import Plan
from tasks.core.run import Asked
from tasks.ledger import people
from tasks.ledger.people import EVERYBODY
from tasks.replay import compare, recall, under
from tests.flows.worlds import impatient
from tests.property.determinism import lived_in
from tests.property.machine import Machine
from tests.property.machine_fakes import STATUSES
from tests.property.machine_gate import remember_answers
from tests.property.machine_policies import POLICIES
from tests.property.machine_town import Town
from tests.property.twins import compare_twins

DEEP, SHARE = 500, 25  # histories in all, and in one test
SWITCHES = (  # after one of these everybody is looked at
    "a_scope_is_set",
    "salesforce_is_configured",
    "a_system_is_paused_or_resumed",
    "a_crm_is_disconnected_or_connected",
    "everything_is_listed_backwards",
)
Steady = type("Steady", (Machine,), dict.fromkeys(SWITCHES))
MANY = settings(
    max_examples=SHARE,
    stateful_step_count=20,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)

NAMES = ("Ann", "Bob", "Cy", "Dora", "Eve", "Faye", "Gus", "Hal")

Deed = Callable[[Town], object]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    remember_answers(monkeypatch)
    impatient(monkeypatch)
    return compare_twins(monkeypatch)


@pytest.fixture
def town(made: list[int | None], tmp_path: Path) -> Iterator[Town]:
    """At rest, so that the next plan is made from a part."""
    grown = lived_in(tmp_path, "next number")
    while not grown.run().plan.changes.empty:
        pass
    grown.run()
    assert made[-1] is not None
    yield grown
    grown.close()


@pytest.fixture
def street(made: list[int | None], tmp_path: Path) -> Iterator[Town]:
    """People at rest whom all three systems know, and whom a plan needn't look at."""
    quiet = Town(tmp_path, POLICIES["shipped"], lambda _town, _write: None)
    for scope in SCOPES:
        quiet.direct(scope, "two-way")
    for number, name in enumerate(NAMES):
        for place in ("contact", "hubspot", "aloware"):
            told = {"first_name": name, "last_name": "Lee", "email": f"{name.lower()}@x.example"}
            quiet.enter(place, phone=f"+1415200{number:04}", **told)
    for _ in range(3):
        quiet.run()
    assert made[-1] == 0
    yield quiet
    quiet.close()


def of(town: Town, place: str, name: str) -> str:
    """The record there of whoever is called so."""
    return next(ref for ref in town.living(place) if town.value(ref, "first_name") == name)


def test_nobody_is_looked_at_but_those_who_have_to_do_with_each_other(street: Town, made: list[int | None]) -> None:
    """Whom something happens to; who has the number, had it, or has the address that they say; and no one else."""
    street.type_into(of(street, "hubspot", "Ann"), first_name="Ann")
    street.type_into(of(street, "contact", "Ann"), last_name="Low")
    street.run()
    assert made[-1] == 1
    street.type_into(of(street, "contact", "Bob"), phone="+14152000002")  # which is Cy's
    street.run()
    assert made[-1] == 3, "Ann still, of whom the last run wrote something"
    street.type_into(of(street, "contact", "Dora"), phone="+14152000001")  # which Bob had
    street.enter("lead", first_name="New", last_name="Lee", email="eve@x.example")  # which is Eve's
    street.run()
    assert made[-1] == 4
    for _ in range(3):
        street.run()
    before = made[-1]
    assert before is not None
    assert before < len(NAMES)
    street.session.ledger.people.touch([of(street, "contact", "Gus")], street.session.now())
    street.run()
    assert made[-1] == before + 1, "of whom the ledger learned something, whatever the systems say"


def planned(town: Town, asked: Asked) -> Plan:
    session, run = town.session, town.session.ledger.runs.begin(asked.mode, town.session.now())
    return draft(session, run, asked, look(session), STATUSES)


DEEDS: tuple[Deed, ...] = (
    lambda town: town.enter("contact", first_name="New", last_name="Lee", phone="+14152000001"),
    lambda town: town.enter("hubspot", first_name="New", email="bob@x.example"),
    lambda town: town.delete(town.living("aloware")[0]),
    lambda town: town.delete(*town.living("contact")[:2]),
    lambda town: town.merge_into_new(*town.living("hubspot")[:2]),
    lambda town: town.convert(town.living("lead")[0], town.living("contact")[0]),
    lambda town: town.systems["aloware"].freeze(),
    lambda town: town.systems["hubspot"].fail(3),
    lambda town: town.run_killed(12),
    lambda town: town.one_time_pull(("Contact", "Lead")),
)
TYPED = ({"first_name": "Else"}, {"email": "ann@x.example"}, {"phone": "+14152000003"}, {"phone": ""})
ABOUT_EVERYBODY: tuple[Deed, ...] = (
    lambda town: town.direct("salesforce.update", "inbound"),
    lambda town: town.pause("hubspot"),
    lambda town: town.resume("hubspot"),
    lambda town: town.connect("hubspot"),
    lambda town: town.rule(POLICIES["shipped"]),
    lambda town: town.session.ledger.people.touch([EVERYBODY], town.session.now()),
    lambda town: shutil.rmtree(town.home / "evidence"),
    lambda town: shutil.rmtree(town.home / "snapshots"),
)


def test_an_edit_is_seen_with_all_that_it_has_to_do_with(town: Town, made: list[int | None]) -> None:
    """Of a name, of an address or a number that somebody else has or had, and of none at all."""
    for place, typed in zip(("contact", "lead", "hubspot", "aloware"), TYPED, strict=True):
        for ref in town.living(place)[:2]:
            town.type_into(ref, **typed)
        town.run()
        assert made[-1] is not None


def test_nothing_that_happens_is_missed(town: Town, made: list[int | None]) -> None:
    """Newcomers, ends, successions, an export that is old, and what befalls runs."""
    for number, deed in enumerate(DEEDS):
        for ref in town.living("contact")[2:5]:
            town.type_into(ref, last_name=f"Moved {number}")
        deed(town)
        town.run()
        assert made[-1] is not None
    town.calm()
    town.run()
    assert made[-1] is not None


def test_what_is_about_everybody_makes_us_look_at_everybody(town: Town, made: list[int | None]) -> None:
    """And so does what was lost."""
    for deed in ABOUT_EVERYBODY:
        deed(town)
        town.run()
        assert made[-1] is None
        while made[-1] is None:
            town.run()


def test_who_asks_for_everybody_gets_everybody(
    town: Town, made: list[int | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And of few people everybody is looked at: that takes no time, and can be made again under any policy."""
    for asked in (Asked("full", full=True), Asked("plan", retry_parked=True)):
        planned(town, asked)
        assert made[-1] is None
    monkeypatch.setattr(people, "FEW", 1_000)
    town.draft()
    assert made[-1] is None


def test_a_plan_from_a_part_can_be_made_again(town: Town, made: list[int | None]) -> None:
    """Under its own policy; what another one would have done to those whom nobody looked at, it can't tell."""
    for ref in town.living("contact")[:3]:
        town.type_into(ref, last_name="Moved")
    stored, evidence = recall(town.session, town.draft().run)
    assert made[-1] is not None
    assert len(stored.changes)
    seen = see(evidence)
    proposal, decisions = intend(evidence, seen)
    assert compare(stored, evidence, seen.known, *judge(evidence, seen, proposal, decisions)).same
    with pytest.raises(UsageError, match="tandem reconcile --full"):
        under(evidence, POLICIES["shipped"])


@pytest.mark.deep
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(DEEP // SHARE))
def test_five_hundred_histories(made: list[int | None], seed: int) -> None:
    run_state_machine_as_test(hypothesis.seed(seed)(Steady), settings=MANY)
    assert any(part is not None for part in made)
