"""Whom a run looks at: of whom a record moved or something is open, and their neighbours; of nobody else."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from functools import cache

import msgspec
import pandas as pd
import pytest

from tasks.core.identity.periods import OTHER
from tasks.core.looking.stirred import stirred
from tasks.core.model import SALESFORCE, SCOPES, reference
from tasks.core.state import DECISIONS, NUMBERS, PARKED, RETIRED, SETTLED
from tests.property.simulation import Simulation, nothing_known, set_direction
from tests.property.worlds import shipped_policy

NAMES = ("Ann", "Bob", "Cy", "Dora", "Eve", "Faye")
POLICY = shipped_policy("first_name", "last_name", "email", "phone", "mobile_phone", "company", "lead_status")
ANN = "salesforce:Contact:Ann"  # what her person is called, too: her Contact founded it
Deed = Callable[[Simulation], object]


def number(name: str) -> str:
    return f"+1415200{NAMES.index(name):04}"


def street(*, everywhere: bool = True) -> Simulation:
    return deepcopy(settled_street(everywhere))


@cache
def settled_street(everywhere: bool) -> Simulation:
    """Six people at rest whom all three systems know; or all but Faye, who is missing in HubSpot, which is inbound."""
    scopes = SCOPES if everywhere else ("salesforce.create", "salesforce.update")
    world = Simulation(POLICY, nothing_known(POLICY, scopes))
    for name in NAMES:
        told = {"first_name": name, "phone": number(name), "email": f"{name.lower()}@example.com"}
        world.add("contact", name, last_name="Lee", **told)
        world.add("aloware", name, last_name="Lee", **told)
        if everywhere or name != "Faye":
            world.add("hubspot", name, last_name="Lee", **told)
    world.run()
    assert world.run().changes.empty
    return world


def looked_at(world: Simulation) -> set[str]:
    """First names of those people; `nobody` for records that belong to none."""
    records, state = world.seen(None, everybody=False)
    linked = records.index.isin(state.links.index)
    assert set(state.links.loc[records.index[linked], "person"]) <= set(state.people.index)
    named = {str(person).split(":")[2].strip("'") for person in state.people.index}
    return named | ({"nobody"} if not linked.all() else set())


def test_of_people_at_rest_nobody_is_looked_at() -> None:
    """Whatever the systems hold, or don't: who isn't owed a record is at rest without it."""
    assert looked_at(street()) == set()
    assert looked_at(street(everywhere=False)) == set()


def test_before_anything_is_known_everybody_is_somebody_new() -> None:
    """All records belong to nobody yet."""
    world = street()
    world.state = nothing_known(POLICY, SCOPES)
    assert looked_at(world) == {"nobody"}
    assert len(world.seen(None, everybody=False)[0]) == len(world.records)


def edited(**fields: str | None) -> Deed:
    return lambda world: world.edit("hubspot:contacts:Ann", **fields)


def settled(world: Simulation) -> None:
    rows = [("hubspot:contacts:Ann", "first_name", "Ann", "Anna", "undone")]
    world.state = replace(world.state, settled=pd.DataFrame(rows, columns=list(SETTLED), dtype="str"))


def refused(world: Simulation) -> None:
    """HubSpot wouldn't have Ann, whom it doesn't know."""
    ann = ANN
    del world.records["hubspot:contacts:Ann"]
    rows = [(f"hubspot:contacts:+{ann}", "first_name", "Ann", "", f"{PARKED}no")]
    links = world.state.links.drop("hubspot:contacts:Ann")
    world.state = replace(world.state, links=links, settled=pd.DataFrame(rows, columns=list(SETTLED), dtype="str"))


def decided(value: str = "Anna", field: str = "first_name") -> Deed:
    def deed(world: Simulation) -> None:
        rows = [(ANN, field, value, "{}")]
        world.state = replace(world.state, decisions=pd.DataFrame(rows, columns=list(DECISIONS), dtype="str"))

    return deed


def owns(name: str) -> Deed:
    """The ledger says that Ann has that one's number, too."""

    def deed(world: Simulation) -> None:
        ann = ANN
        more = pd.DataFrame([(ann, number(name), OTHER, "", pd.NA)], columns=list(NUMBERS), dtype="str")
        world.state = replace(world.state, numbers=pd.concat([world.state.numbers, more], ignore_index=True))

    return deed


def owned_long_ago(world: Simulation) -> None:
    """Bob had Ann's number before she did; her name changes."""
    bob = world.state.links.at["salesforce:Contact:Bob", "person"]
    more = pd.DataFrame([(bob, number("Ann"), OTHER, "", "2020")], columns=list(NUMBERS), dtype="str")
    world.state = replace(world.state, numbers=pd.concat([world.state.numbers, more], ignore_index=True))
    world.edit("hubspot:contacts:Ann", first_name="Anna")


def unpaid(world: Simulation) -> None:
    """The period of Ann's number was never learned."""
    numbers = world.state.numbers
    world.state = replace(world.state, numbers=numbers[numbers["number"] != number("Ann")])


def forgotten_base(world: Simulation) -> None:
    world.state = replace(world.state, bases=world.state.bases.drop("aloware:contacts:Ann"))


def remembered(frame: str, row: str, column: str, value: str) -> Deed:
    """The ledger says something else of Ann than it did."""

    def deed(world: Simulation) -> None:
        known = getattr(world.state, frame).copy()
        known.loc[row, column] = value
        world.state = replace(world.state, **{frame: known})

    return deed


def sharing(world: Simulation) -> None:
    """Ann's second number is Bob's, and that is what was decided."""
    owns("Bob")(world)
    remembered("golden", ANN, "mobile_phone", number("Bob"))(world)
    for place in ("salesforce:Contact", "hubspot:contacts"):
        world.edit(f"{place}:Ann", mobile_phone=number("Bob"))
        remembered("bases", f"{place}:Ann", "mobile_phone", number("Bob"))(world)


def absorbed(world: Simulation) -> None:
    """Ann turned out to be Bob."""
    one = pd.DataFrame({"survivor": ["salesforce:Contact:Bob"]}, index=pd.Index([ANN], name="person"), dtype="str")
    world.state = replace(world.state, absorbed=one)


def begun(world: Simulation) -> None:
    """A run was killed when it was about to create Ann in HubSpot, which lost her."""
    del world.records["hubspot:contacts:Ann"]
    owed = frozenset([("hubspot", number("Ann"))])
    world.state = replace(world.state, links=world.state.links.drop("hubspot:contacts:Ann"), owed=owed)


def merged(world: Simulation) -> None:
    world.delete("hubspot:contacts:Ann", "hubspot:contacts:Bob")


def made(place: str = "contact", record_id: str = "new", **fields: str) -> Deed:
    return lambda world: world.add(place, record_id, last_name="New", **fields)


def chained(world: Simulation) -> None:
    """Ann's number was Bob's once, and Bob's address is decided for Cy, too."""
    owned_long_ago(world)
    cy = world.state.links.at["salesforce:Contact:Cy", "person"]
    golden = world.state.golden.copy()
    golden.loc[cy, "email"] = "bob@example.com"
    for ref in ("salesforce:Contact:Cy", "aloware:contacts:Cy", "hubspot:contacts:Cy"):
        world.edit(ref, email="bob@example.com")
        world.state.bases.loc[ref, ["email", "email_raw"]] = "bob@example.com"
    world.state = replace(world.state, golden=golden)


@pytest.mark.parametrize(
    ("deed", "seen"),
    [
        (edited(first_name="Anna"), {"Ann"}),
        (edited(first_name=None), {"Ann"}),
        (edited(phone="ask her"), {"Ann"}),
        (edited(phone=number("Bob")), {"Ann", "Bob"}),
        (edited(mobile_phone=number("Bob")), {"Ann", "Bob"}),
        (edited(email="BOB@example.com"), {"Ann", "Bob"}),
        (lambda world: world.delete("hubspot:contacts:Ann"), {"Ann"}),
        (merged, {"Ann", "Bob"}),
        (lambda world: world.convert("salesforce:Contact:Ann", "salesforce:Contact:Bob"), {"Ann", "Bob"}),
        (lambda world: world.convert("salesforce:Contact:Ann", "salesforce:Contact:else"), {"Ann"}),
        (settled, {"Ann"}),
        (refused, {"Ann"}),
        (decided(), {"Ann"}),
        (decided("bob@example.com", "email"), {"Ann", "Bob"}),
        (owns("Bob"), {"Ann", "Bob"}),
        (owned_long_ago, {"Ann", "Bob"}),
        (chained, {"Ann", "Bob", "Cy"}),
        (unpaid, {"Ann"}),
        (sharing, {"Ann", "Bob"}),
        (absorbed, {"Ann", "Bob"}),
        (begun, {"Ann"}),
        (remembered("golden", ANN, "first_name", "Anna"), {"Ann"}),
        (remembered("links", "aloware:contacts:Ann", "role", RETIRED), {"Ann"}),
        (remembered("bases", "hubspot:contacts:Ann", "mobile_phone", number("Bob")), {"Ann", "Bob"}),
        (forgotten_base, {"Ann"}),
        (made(phone="+14152009999"), {"nobody"}),
        (made(phone=number("Ann")), {"nobody", "Ann"}),
        (made(email="ann@example.com"), {"nobody", "Ann"}),
    ],
)
def test_who_moved_is_looked_at_with_their_neighbours(deed: Deed, seen: set[str]) -> None:
    """And with the neighbours of those; nobody else."""
    world = street()
    deed(world)
    assert looked_at(world) == seen


def test_a_new_account_may_use_a_reference_again() -> None:
    """Somebody new is called by the record that founded them: whoever is called so already is looked at."""
    world = street()
    links = world.state.links.rename(index={ANN: "salesforce:Contact:old"})
    world.state = replace(world.state, links=links, bases=world.state.bases.drop(ANN))
    world.edit(ANN, phone="+14152009999", email=None)
    assert "Ann" in looked_at(world)


def test_once_a_direction_opened_everybody_is_looked_at() -> None:
    """Whose word counts is another question than at the last run."""
    world = street()
    world.state = set_direction(world.state, "hubspot.update")
    assert looked_at(world) == set(NAMES)


def test_whoever_is_due_a_record_is_looked_at() -> None:
    """A contact that Aloware lost is made again; a CRM that opens is given those whom no CRM knew."""
    world = street()
    links = world.state.links.drop("aloware:contacts:Ann")
    del world.records["aloware:contacts:Ann"]
    world.state = replace(world.state, links=links)
    assert looked_at(world) == {"Ann"}
    world.state = replace(world.state, paused=frozenset(["aloware"]))
    assert looked_at(world) == set()


def test_a_crm_that_takes_those_of_another_is_owed_them() -> None:
    """Where the policy widens who is created there."""
    world = street(everywhere=False)
    world.state = replace(world.state, directions=dict(world.state.directions) | {"hubspot.create": "two-way"})
    assert looked_at(world) == set()
    widened = msgspec.structs.replace(POLICY.people, create_from=[SALESFORCE])
    world.policy = msgspec.structs.replace(POLICY, people=widened)
    assert looked_at(world) == {"Faye"}


def test_a_record_that_leaves_the_policy_s_scope_is_looked_at() -> None:
    """Though it says what it said."""
    world = street()
    records = world.seen(None, everybody=True)[0]
    records.loc["hubspot:contacts:Ann", "in_scope"] = False
    _, part = stirred(records, world.known(), {}, POLICY)
    assert list(part.people.index) == [ANN]


def test_what_the_ledger_knows_of_nobody_in_particular_stays() -> None:
    """Directions, terms, who is owed, who was absorbed: all of it; of people only their own."""
    world = street()
    world.edit(reference("hubspot", "contacts", "Ann"), first_name="Anna")
    whole = world.known()
    _, part = stirred(world.seen(None, everybody=True)[0], whole, {}, POLICY)
    assert sorted(part.links.index) == ["aloware:contacts:Ann", "hubspot:contacts:Ann", "salesforce:Contact:Ann"]
    assert len(part.bases) == 3
    assert len(part.golden) == len(part.people) == len(part.numbers) == 1
    assert part.alive() == whole.alive()
    for name in vars(whole).keys() - {"links", "people", "golden", "bases", "numbers", "receipts", "elsewhere"}:
        assert getattr(part, name) is getattr(whole, name)
