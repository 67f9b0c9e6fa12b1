"""Who is meant, and of whom the ledger learned something since: what a run that follows another goes on from."""

from dataclasses import replace

import pandas as pd
import pytest

from tasks.core.identity.periods import BEGINS, KEY
from tasks.core.state import ABSORBED, LINKS, PEOPLE, TOMBSTONE, TURNS, golden_columns
from tasks.ledger import Ledger, people
from tests.unit.ledgers import FIELDS, LATER, NOON, advance, ledger, postgresql, table

__all__ = ["ledger", "postgresql"]

ANN, BOB, CY = (f"salesforce:Contact:{name}" for name in ("Ann", "Bob", "Cy"))
CONTACT = "hubspot:contacts:7"  # Bob's, which is gone


@pytest.fixture
def town(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """Ann, Bob and Cy, each with a number; Ann has Bob's too, and Cy has an address."""
    monkeypatch.setattr(people, "MANY", 10.0)
    keys = [(ANN, "+1", "salesforce"), (BOB, "+2", "salesforce"), (CY, "+3", "salesforce")]
    links = [(ref, *ref.split(":"), ref, "representative") for ref in (ANN, BOB, CY)]
    golden = pd.DataFrame({"email": ["cy@x.example"]}, index=pd.Index([CY], name="person"), dtype="str")
    learned = advance(
        people=table(PEOPLE, keys, "person"),
        links=table(LINKS, [*links, (CONTACT, "hubspot", "contacts", "7", BOB, TOMBSTONE)], "ref"),
        golden=golden.reindex(columns=golden_columns(FIELDS)).astype("str"),
    )
    numbers = table(TURNS, [(ANN, "+2", KEY, BEGINS, NOON.isoformat())])
    ledger.memory.advance(replace(learned, numbers=numbers), "r1", NOON)
    return ledger


def test_people_are_found_by_their_names_and_their_records(town: Ledger) -> None:
    """A record's reference may be what somebody else is called: both are meant."""
    assert town.people.of([CONTACT, CY, "hubspot:contacts:8", "nobody"]) == {BOB, CY}
    assert town.people.of([]) == set()


def test_people_share_a_number_or_what_was_decided(town: Ledger) -> None:
    assert town.people.sharing(["+2"], FIELDS) == {ANN, BOB}
    assert town.people.sharing(["cy@x.example"], FIELDS) == {CY}
    assert town.people.sharing(["cy@x.example"], ["a_field_new_to_the_policy"]) == set()


def test_the_ledger_says_of_whom_it_learned_something_since(town: Ledger) -> None:
    """Of people, and of records of which it was told no owner; of the absorbed and of who survives them."""
    assert town.people.touched(LATER) == set()
    bases = pd.DataFrame({"email": ["x"]}, index=pd.Index([CONTACT], name="ref"), dtype="str")
    absorbed = table(ABSORBED, [(ANN, BOB)], "person")
    town.memory.advance(replace(advance(bases=bases), absorbed=absorbed), "r2", LATER)
    assert town.people.touched(LATER) == {CONTACT, ANN, BOB}
    assert town.people.touched(NOON) == {ANN, BOB, CY, CONTACT}


def test_what_is_learned_of_many_is_learned_of_everybody(town: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "TOGETHER", 1)
    town.people.touch([ANN], LATER)
    assert town.people.touched(LATER) == {ANN}
    town.people.touch([ANN, BOB], LATER)
    assert town.people.touched(LATER) is None


def test_another_account_is_about_everybody(town: Ledger) -> None:
    town.connections.connect("hubspot", "one", NOON)
    assert town.people.touched(LATER) == set()
    town.connections.connect("hubspot", "other", LATER, replace=True)
    assert town.people.touched(LATER) is None


def test_a_part_of_the_ledger_knows_how_many_records_it_leaves_out(town: Ledger) -> None:
    """Tombstones aren't counted."""
    part = town.memory.state(FIELDS, [ANN]).part_of(town.memory.alive())
    assert list(part.links.index) == [ANN]
    assert part.elsewhere == {("salesforce", "Contact"): 2}
    assert part.alive() == town.memory.state(FIELDS).alive() == {("salesforce", "Contact"): 3}


def test_few_and_many_are_said_of_people(town: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    assert town.people.few()
    monkeypatch.setattr(people, "FEW", 2)
    assert not town.people.few()
    assert not town.people.many([ANN])
