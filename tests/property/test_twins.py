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

Deed = Callable[[Town], object]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    remember_answers(monkeypatch)
    impatient(monkeypatch)
    return compare_twins(monkeypatch)


@pytest.fixture
def town(made: list[bool], tmp_path: Path) -> Iterator[Town]:
    """At rest, so that the next plan is made from a part."""
    grown = lived_in(tmp_path, "next number")
    while not grown.run().plan.changes.empty:
        pass
    grown.run()
    assert made[-1]
    yield grown
    grown.close()


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


def test_an_edit_is_seen_with_all_that_it_has_to_do_with(town: Town, made: list[bool]) -> None:
    """Of a name, of an address or a number that somebody else has or had, and of none at all."""
    for place, typed in zip(("contact", "lead", "hubspot", "aloware"), TYPED, strict=True):
        for ref in town.living(place)[:2]:
            town.type_into(ref, **typed)
        town.run()
        assert made[-1]


def test_nothing_that_happens_is_missed(town: Town, made: list[bool]) -> None:
    """Newcomers, ends, successions, an export that is old, and what befalls runs."""
    for number, deed in enumerate(DEEDS):
        for ref in town.living("contact")[2:5]:
            town.type_into(ref, last_name=f"Moved {number}")
        deed(town)
        town.run()
        assert made[-1]
    town.calm()
    town.run()
    assert made[-1]


def test_what_is_about_everybody_makes_us_look_at_everybody(town: Town, made: list[bool]) -> None:
    """And so does what was lost."""
    for deed in ABOUT_EVERYBODY:
        deed(town)
        town.run()
        assert not made[-1]
        while not made[-1]:
            town.run()


def test_who_asks_for_everybody_gets_everybody(town: Town, made: list[bool], monkeypatch: pytest.MonkeyPatch) -> None:
    """And of few people everybody is looked at: that takes no time, and can be made again under any policy."""
    for asked in (Asked("full", full=True), Asked("plan", retry_parked=True)):
        planned(town, asked)
        assert not made[-1]
    monkeypatch.setattr(people, "FEW", 1_000)
    town.draft()
    assert not made[-1]


def test_a_plan_from_a_part_can_be_made_again(town: Town, made: list[bool]) -> None:
    """Under its own policy; what another one would have done to those whom nobody looked at, it can't tell."""
    for ref in town.living("contact")[:3]:
        town.type_into(ref, last_name="Moved")
    stored, evidence = recall(town.session, town.draft().run)
    assert made[-1]
    assert len(stored.changes)
    seen = see(evidence)
    proposal, decisions = intend(evidence, seen)
    assert compare(stored, evidence, seen.known, *judge(evidence, seen, proposal, decisions)).same
    with pytest.raises(UsageError, match="tandem reconcile --full"):
        under(evidence, POLICIES["shipped"])


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(DEEP // SHARE))
def test_five_hundred_histories(made: list[bool], seed: int) -> None:
    run_state_machine_as_test(hypothesis.seed(seed)(Steady), settings=MANY)
    assert any(made)
