"""Conversion and merge

A converted Lead goes on as its Contact, a merged record as its master. Where that record was somebody else's, the two
are one human: whoever had it survives, and what the other one had is theirs. That is written down, and not undone.
"""

from dataclasses import replace

import pandas as pd
import pytest
from msgspec import structs

from tasks.core.identity.periods import holders
from tasks.core.model import SCOPES, Outcome
from tasks.core.policy import Field
from tests.property.simulation import Simulation, nothing_known
from tests.property.worlds import shipped_policy
from tests.spec.tables import met

NAMES = shipped_policy("first_name", "phone")
NO_CALLS = Field(type="consent", contact="DoNotCall", lead="DoNotCall", aloware="is_dnc")
CONSENT = structs.replace(NAMES, fields=dict(NAMES.fields) | {"no_calls": NO_CALLS})
ONE, TWO, THREE = "+14155552671", "+14155552672", "+14155552673"


@met()
def test_a_converted_lead_hands_over_its_person(world: Simulation) -> None:
    """The Contact that the Lead became is the same person, even without a number of its own.

    | record    | phone        | person | role           |
    | --------- | ------------ | ------ | -------------- |
    | lead 1    | 415-555-2671 | A      | representative |
    | aloware 1 | +14155552671 | A      | representative |

    | record    | person | role           |
    | --------- | ------ | -------------- |
    | lead 1    | A      | tombstone      |
    | contact 1 | A      | representative |
    | aloware 1 | A      | representative |
    """
    world.convert(world.ref("lead 1"), world.add("contact", "1"))


@met()
def test_a_merged_record_hands_over_its_person(world: Simulation) -> None:
    """HubSpot's merge may give birth to a new id: the link follows it.

    | record    | phone        | person | role           |
    | --------- | ------------ | ------ | -------------- |
    | contact 1 | 415-555-2671 | A      | representative |
    | hubspot 1 | 415-555-2671 | A      | representative |

    | record    | person | role           |
    | --------- | ------ | -------------- |
    | contact 1 | A      | representative |
    | hubspot 1 | A      | tombstone      |
    | hubspot 2 | A      | representative |
    """
    world.delete(world.ref("hubspot 1"), merged_into=world.add("hubspot", "2"))


@met()
def test_a_merge_into_a_record_of_the_same_person_leaves_one_voice(world: Simulation) -> None:
    """The master was there already, and goes on.

    | record    | phone        | created | person | role           |
    | --------- | ------------ | ------- | ------ | -------------- |
    | contact 1 | 415-555-2671 | 1       | A      | shadow         |
    | contact 2 | 415-555-2671 | 2       | A      | representative |

    | record    | person | role           |
    | --------- | ------ | -------------- |
    | contact 1 | A      | representative |
    | contact 2 | A      | tombstone      |
    """
    world.delete(world.ref("contact 2"), merged_into=world.ref("contact 1"))


@met()
def test_a_lead_converted_into_somebody_else_s_contact(world: Simulation) -> None:
    """The Lead was known as A, the Contact as B: now they are one, and B's records go on speaking. What only A had
    speaks for B from now on; A's Aloware contact, with a number that nobody goes by, is retired.

    | record    | phone        | person | role           |
    | --------- | ------------ | ------ | -------------- |
    | lead 1    | 415-555-2671 | A      | representative |
    | hubspot 1 | 415-555-2671 | A      | representative |
    | aloware 1 | +14155552671 | A      | representative |
    | contact 1 | 415-555-2672 | B      | representative |
    | aloware 2 | +14155552672 | B      | representative |

    | record    | person | role           |
    | --------- | ------ | -------------- |
    | lead 1    | B      | tombstone      |
    | hubspot 1 | B      | representative |
    | aloware 1 | B      | retired        |
    | contact 1 | B      | representative |
    | aloware 2 | B      | representative |
    """
    world.convert(world.ref("lead 1"), world.ref("contact 1"))


@met()
def test_a_record_merged_into_somebody_else_s(world: Simulation) -> None:
    """In a system that knew both, whoever spoke for the survivor goes on.

    | record    | phone        | person | role           |
    | --------- | ------------ | ------ | -------------- |
    | contact 1 | 415-555-2671 | A      | representative |
    | hubspot 1 | 415-555-2671 | A      | representative |
    | contact 2 | 415-555-2672 | B      | representative |
    | hubspot 2 | 415-555-2672 | B      | representative |

    | record    | person | role           |
    | --------- | ------ | -------------- |
    | contact 1 | B      | shadow         |
    | hubspot 1 | B      | tombstone      |
    | contact 2 | B      | representative |
    | hubspot 2 | B      | representative |
    """
    world.delete(world.ref("hubspot 1"), merged_into=world.ref("hubspot 2"))


@met()
def test_two_people_merged_into_a_new_record(world: Simulation) -> None:
    """HubSpot may give a merged record an id of its own: it is whose number it has.

    | record    | phone        | person | role           |
    | --------- | ------------ | ------ | -------------- |
    | contact 1 | 415-555-2671 | A      | representative |
    | hubspot 1 | 415-555-2671 | A      | representative |
    | contact 2 | 415-555-2672 | B      | representative |
    | hubspot 2 | 415-555-2672 | B      | representative |

    | record    | person | role           |
    | --------- | ------ | -------------- |
    | contact 1 | B      | shadow         |
    | hubspot 1 | B      | tombstone      |
    | contact 2 | B      | representative |
    | hubspot 2 | B      | tombstone      |
    | hubspot 3 | B      | representative |
    """
    heir = world.add("hubspot", "3", phone="415-555-2672")
    for loser in ("hubspot 1", "hubspot 2"):
        world.delete(world.ref(loser), merged_into=heir)


@met()
def test_a_chain_ends_with_its_last(world: Simulation) -> None:
    """A Lead converted into a Contact that was merged into another, all between two runs.

    | record    | phone        | person | role           |
    | --------- | ------------ | ------ | -------------- |
    | lead 1    | 415-555-2671 | A      | representative |
    | contact 1 | 415-555-2672 | B      | representative |
    | contact 2 | 415-555-2673 | C      | representative |

    | record    | person | role           |
    | --------- | ------ | -------------- |
    | lead 1    | C      | tombstone      |
    | contact 1 | C      | tombstone      |
    | contact 2 | C      | representative |
    """
    world.convert(world.ref("lead 1"), world.ref("contact 1"))
    world.delete(world.ref("contact 1"), merged_into=world.ref("contact 2"))


@met()
def test_a_chain_goes_through_what_we_never_knew(world: Simulation) -> None:
    """The record in the middle came and went between two runs.

    | record    | phone        | person | role           |
    | --------- | ------------ | ------ | -------------- |
    | lead 1    | 415-555-2671 | A      | representative |
    | contact 2 | 415-555-2673 | C      | representative |

    | record    | person | role           |
    | --------- | ------ | -------------- |
    | lead 1    | C      | tombstone      |
    | contact 2 | C      | representative |
    """
    world.convert(world.ref("lead 1"), world.add("contact", "1"))
    world.delete(world.ref("contact 1"), merged_into=world.ref("contact 2"))


def test_a_circle_is_harmless() -> None:
    """Two systems merged two people the opposite way: they are one, whoever of them it is, and runs come to rest."""
    world = Simulation(NAMES, nothing_known(NAMES, SCOPES))
    for record, number in (("1", ONE), ("2", TWO)):
        for place in ("contact", "hubspot", "aloware"):
            world.add(place, record, phone=number)
    world.run()
    world.delete("salesforce:Contact:1", merged_into="salesforce:Contact:2")
    world.delete("hubspot:contacts:2", merged_into="hubspot:contacts:1")
    world.gone["salesforce:Contact:8"], world.gone["salesforce:Contact:9"] = (
        "salesforce:Contact:9",
        "salesforce:Contact:8",
    )
    world.run()
    assert len(world.match().people) == 1
    assert world.draft().changes.empty


def met_somebody(*open_scopes: str, absorbed: str = "", survivor: str = "") -> Simulation:
    """A Lead with Ann's number becomes the Contact of Bob, each of whom had said whether to be called."""
    world = Simulation(CONSENT, nothing_known(CONSENT, open_scopes))
    world.add("lead", "1", phone=ONE, first_name="Ann", no_calls=absorbed)
    world.add("hubspot", "1", phone=ONE, first_name="Ann")
    world.add("contact", "2", phone=TWO, first_name="Bob", no_calls=survivor)
    world.run()
    world.convert("salesforce:Lead:1", "salesforce:Contact:2")
    return world


def test_the_survivor_s_values_stand() -> None:
    """What comes along joins: it fills what nobody knew of the survivor, and wins nothing."""
    world = met_somebody(*SCOPES)
    plan = world.run()
    assert plan.collisions[["kind", "phone"]].values.tolist() == [["became-one", ONE]]
    assert [world.value(ref, "first_name") for ref in ("salesforce:Contact:2", "hubspot:contacts:1")] == ["Bob", "Bob"]
    assert world.value("hubspot:contacts:1", "phone") == TWO
    assert world.draft().changes.empty


@pytest.mark.parametrize("ending", [Outcome.APPLIED, Outcome.FAILED])
@pytest.mark.parametrize(("absorbed", "survivor"), [("true", ""), ("", "true")])
def test_either_s_refusal_to_be_called_holds(absorbed: str, survivor: str, ending: Outcome) -> None:
    """Said by one of them, it is said of both, even if the run that makes them one can tell nobody."""
    world = met_somebody(*SCOPES, absorbed=absorbed, survivor=survivor)
    plan = world.draft()
    world.apply(plan, dict.fromkeys(plan.changes["id"], ending))
    world.run()
    assert world.value("salesforce:Contact:2", "no_calls") == "true"
    assert [row["is_dnc"] for row in world.records.values() if row.get("phone_number") == TWO] == ["true"]
    assert world.draft().changes.empty


def test_a_number_that_came_with_a_conversion_may_be_refused_for_long() -> None:
    """The new Contact has a number that somebody else holds: run after run it is reported, and left as it is."""
    world = Simulation(NAMES, nothing_known(NAMES, SCOPES))
    world.add("lead", "1", phone=ONE)
    world.add("contact", "2", phone=TWO)
    world.run()
    world.convert("salesforce:Lead:1", world.add("contact", "3", phone=TWO))
    for _ in range(3):
        plan = world.run()
        assert plan.collisions["kind"].tolist() == ["number-taken"]
        assert plan.changes.empty
    assert world.value("salesforce:Contact:3", "phone") == TWO


def test_the_absorbed_contact_is_retired_even_if_the_survivor_has_none() -> None:
    """Somebody deleted Bob's in Aloware: Ann's doesn't take its place."""
    world = met_somebody()
    world.delete(next(ref for ref, row in world.records.items() if row.get("phone_number") == TWO))
    assert world.run().changes.empty
    assert world.state.links["role"].filter(like="aloware").sort_values().tolist() == ["retired", "tombstone"]


def test_who_becomes_one_while_aloware_is_paused_has_one_voice_there() -> None:
    """The absorbed contact is retired unseen, and so it is found when Aloware is seen again."""
    world = met_somebody()
    unseen = {ref: world.records.pop(ref) for ref in list(world.records) if ref.startswith("aloware")}
    world.state = replace(world.state, paused=frozenset({"aloware"}))
    world.run()
    roles = world.state.links["role"].filter(like="aloware")
    assert sorted(roles) == ["representative", "retired"]
    world.state = replace(world.state, paused=frozenset())
    world.records |= unseen
    world.run()
    assert world.state.links["role"].filter(like="aloware").equals(roles)
    assert world.draft().changes.empty


def test_a_dead_lead_is_never_written_again() -> None:
    """Whatever happens to its person."""
    world = met_somebody(*SCOPES)
    world.run()
    before = dict(world.records["salesforce:Lead:1"])
    world.edit("salesforce:Contact:2", first_name="Bobby", phone=THREE)
    world.run()
    assert world.records["salesforce:Lead:1"] == before
    assert world.draft().changes.empty


def test_who_was_absorbed_doesn_t_come_back() -> None:
    """A restored Lead is the survivor's: a shadow of the Contact. Nobody goes by the absorbed number any more."""
    world = met_somebody()
    world.run()
    world.records["salesforce:Lead:1"]["converted_to"] = None
    plan = world.run()
    assert plan.changes.empty
    assert world.match().people["key"].tolist() == [TWO]
    assert world.state.links["role"]["salesforce:Lead:1"] == "shadow"


def test_an_absorbed_number_is_the_survivor_s_other_number() -> None:
    """Calls from before are the survivor's, and so are those to come, until somebody else goes by that number.

    | call to      | before | after | once Cy has it |
    | ------------ | ------ | ----- | -------------- |
    | +14155552671 | Bob    | Bob   | Cy             |
    | +14155552672 | Bob    | Bob   | Bob            |
    """
    world = met_somebody()
    world.run()
    world.add("contact", "3", created=30, phone=ONE, first_name="Cy")
    world.run()
    times = ["2020-01-01T00:00:00", "2026-11-30T00:00:00", "2026-12-30T00:00:00"]
    calls = pd.DataFrame([(number, at) for number in (ONE, TWO) for at in times], columns=["number", "at"])
    bob, cy = "salesforce:Contact:2", "salesforce:Contact:3"
    assert holders(calls, world.state.numbers).tolist() == [bob, bob, cy, bob, bob, bob]
