"""Phones

A phone number is who somebody is: what happens when it changes. Aloware can't give a contact another number, so there a
person goes from contact to contact, and the one left behind is *retired*: it never speaks, is never fed, never becomes
a person.
"""

import pandas as pd
import pytest
from msgspec import structs

from tasks.core.identity.periods import holders
from tasks.core.model import ALOWARE, SCOPES
from tasks.core.planning.exchanges import bonds, without_halves
from tasks.core.policy import Policy
from tests.property.simulation import Simulation, nothing_known, set_direction
from tests.property.worlds import shipped_policy
from tests.spec.tables import PEOPLE, agreeing, met

NAMES = shipped_policy("first_name", "last_name", "phone")
ONE, TWO, THREE = "+14155552671", "+14155552672", "+14155552673"


def in_aloware(world: Simulation) -> dict[str | None, str | None]:
    """Number → first name of every Aloware contact."""
    contacts = [row for ref, row in world.records.items() if ref.startswith(ALOWARE)]
    numbers = {row["phone_number"]: row.get("first_name") for row in contacts}
    assert len(numbers) == len(contacts)
    return numbers


def two_people(*open_scopes: str, policy: Policy = NAMES) -> Simulation:
    """Ann and Bob, Contacts whom Aloware knows."""
    world = Simulation(policy, nothing_known(policy, open_scopes))
    world.add("contact", "1", phone=ONE, first_name="Ann")
    world.add("contact", "2", phone=TWO, first_name="Bob")
    world.add("aloware", "1", phone=ONE, first_name="Ann")
    world.add("aloware", "2", phone=TWO, first_name="Bob")
    world.run()
    return world


@met()
def test_a_linked_record_keeps_its_person_when_its_number_goes(world: Simulation) -> None:
    """Emptied or spoilt, it stays who it was; the cell is reported.

    | record    | phone        | person | role           |
    | --------- | ------------ | ------ | -------------- |
    | contact 1 | 415-555-2671 | A      | representative |
    | hubspot 1 | 415-555-2671 | A      | representative |

    | record    | person | role           |
    | --------- | ------ | -------------- |
    | contact 1 | A      | representative |
    | hubspot 1 | A      | representative |
    """
    world.edit(world.ref("contact 1"), phone="ask Bob")


@met()
def test_a_new_number_takes_the_person_along(world: Simulation) -> None:
    """Aloware can't re-key: the contact with the old number is retired, and one with the new number is created.

    | record    | phone        | person | role           |
    | --------- | ------------ | ------ | -------------- |
    | contact 1 | 415-555-2671 | A      | representative |
    | aloware 1 | +14155552671 | A      | representative |

    | record    | person | role           |
    | --------- | ------ | -------------- |
    | contact 1 | A      | representative |
    | aloware 1 | A      | retired        |
    """
    world.edit(world.ref("contact 1"), phone="415-555-2672")


@met()
def test_people_may_swap_numbers(world: Simulation) -> None:
    """A number counts as free when nobody holds it after all moves: the Aloware contacts change hands.

    | record    | phone        | person | role           |
    | --------- | ------------ | ------ | -------------- |
    | contact 1 | 415-555-2671 | A      | representative |
    | contact 2 | 415-555-2672 | B      | representative |
    | aloware 1 | +14155552671 | A      | representative |
    | aloware 2 | +14155552672 | B      | representative |

    | record    | person | role           |
    | --------- | ------ | -------------- |
    | contact 1 | A      | representative |
    | contact 2 | B      | representative |
    | aloware 1 | B      | representative |
    | aloware 2 | A      | representative |
    """
    world.edit(world.ref("contact 1"), phone="415-555-2672")
    world.edit(world.ref("contact 2"), phone="415-555-2671")


def test_a_number_that_somebody_holds_isn_t_taken() -> None:
    """The move is refused and reported with the records of both; the other fields still flow."""
    world = agreeing()
    world.add("contact", "2", phone="415-555-2672", first_name="Bob")
    world.run()
    world.edit(world.ref("contact 1"), phone="415-555-2672", first_name="Anne")
    plan = world.run()
    assert plan.collisions["kind"].tolist() == ["number-taken"]
    assert world.value(world.ref("aloware 1"), "phone") == "+14155552671"
    assert world.value(world.ref("aloware 1"), "first_name") == "Anne"


def test_a_number_that_is_being_replaced_is_not_in_the_way() -> None:
    """A record's phone may become what its mobile phone is until this very run."""
    world = Simulation(PEOPLE, nothing_known(PEOPLE, SCOPES))
    world.add("contact", "1", phone="415-555-2671", mobile_phone="415-555-2672", email="a@a.com")
    world.add("hubspot", "1", phone=None, mobile_phone="415-555-2671", email="a@a.com")
    world.run()
    assert world.draft().changes.empty


def test_one_number_is_not_written_into_two_fields() -> None:
    """A number that stands in any phone field of a record isn't written into another one."""
    world = Simulation(PEOPLE, nothing_known(PEOPLE, SCOPES))
    world.add("contact", "1", phone="415-555-2671", mobile_phone="415-555-2671", email="a@a.com")
    world.add("hubspot", "1", email="a@a.com")
    world.run()
    assert [world.value("hubspot:contacts:1", n) for n in ("phone", "mobile_phone")] == ["+14155552671", None]


def test_aloware_never_gets_two_contacts_for_one_number() -> None:
    """An agent gives one person's contact a number by drift; another person who moves to it gets no second contact."""
    world = Simulation(PEOPLE, nothing_known(PEOPLE))
    world.add("contact", "1", phone="415-555-2671")
    world.add("contact", "2", phone="415-555-2672")
    world.run()
    world.edit("aloware:contacts:new-1", phone="+14155552679")
    world.run()
    world.edit("salesforce:Contact:2", phone="415-555-2679")
    world.run()
    numbers = [row["phone_number"] for ref, row in world.records.items() if ref.startswith("aloware")]
    assert len(numbers) == len(set(numbers))


@met()
def test_the_next_number_in_line_is_not_a_new_number(world: Simulation) -> None:
    """The field that gave the number was emptied: the second number doesn't take over, for nobody typed it.

    | record    | phone        | mobile_phone | person | role           |
    | --------- | ------------ | ------------ | ------ | -------------- |
    | contact 1 | 415-555-2671 | 415-555-2672 | A      | representative |
    | hubspot 1 | 415-555-2671 | -            | A      | representative |

    | record    | person | role           |
    | --------- | ------ | -------------- |
    | contact 1 | A      | representative |
    | hubspot 1 | A      | representative |
    """
    world.edit(world.ref("contact 1"), phone=None)
    assert world.match().people["key"].tolist() == [ONE]


def test_a_number_typed_where_one_was_emptied_takes_the_person_along() -> None:
    """Emptied, which is reported, and filled with another number in a later run: that is a new number, too."""
    world = two_people()
    world.edit("salesforce:Contact:1", phone=None)
    assert world.run().quarantine["reason"].tolist() == ["phone was emptied; its person keeps the number"]
    world.edit("salesforce:Contact:1", phone=THREE)
    world.run()
    assert in_aloware(world) == {ONE: "Ann", TWO: "Bob", THREE: "Ann"}
    assert world.state.links["role"]["aloware:contacts:1"] == "retired"


def test_the_contact_left_behind_does_not_come_back_as_a_person() -> None:
    """Not in the next run, not when an agent edits it, and not when another record of the person goes."""
    world = two_people(*SCOPES)
    world.edit("salesforce:Contact:1", phone=THREE)
    for deed in ({}, {"first_name": "Nancy"}, {"phone": "+14155552679"}):
        world.edit("aloware:contacts:1", **deed)
        world.run()
        assert len(world.match().people) == 2
        assert world.state.links["role"]["aloware:contacts:1"] == "retired"
    assert world.value("salesforce:Contact:1", "first_name") == "Ann"
    assert world.draft().changes.empty


def test_who_claims_the_old_number_takes_over_the_contact() -> None:
    """A new Contact has the number that Ann left: her old contact becomes theirs, and says nothing of its own."""
    world = two_people()
    world.edit("salesforce:Contact:1", phone=THREE)
    world.edit("aloware:contacts:1", last_name="Archer")
    world.add("contact", "3", phone=ONE, first_name="Cy")
    world.run()
    assert in_aloware(world) == {ONE: "Cy", TWO: "Bob", THREE: "Ann"}
    assert world.value("salesforce:Contact:3", "last_name") is None
    assert world.draft().changes.empty


def test_moving_back_brings_the_old_contact_back() -> None:
    """Ann returns to her old number, and to the contact that still has it."""
    world = two_people()
    for number in (THREE, ONE):
        world.edit("salesforce:Contact:1", phone=number)
        world.run()
    assert world.state.links["role"].filter(like=ALOWARE).to_dict() == {
        "aloware:contacts:1": "representative",
        "aloware:contacts:2": "representative",
        "aloware:contacts:new-1": "retired",
    }
    assert world.draft().changes.empty


def test_two_people_may_swap_their_numbers() -> None:
    """Each contact now is the other's and is written over with what is known of them. Nothing that it said of its
    former person flows: what nobody knows of the new one is left standing there (`foreign`), and reported.

    | before     | +14155552671 | +14155552672      |
    | ---------- | ------------ | ----------------- |
    | Salesforce | Ann          | Bob               |
    | Aloware    | Ann          | Bob Barker        |
    | after      | Bob          | Ann (and Barker)  |
    """
    world = two_people(*SCOPES)
    world.edit("aloware:contacts:2", last_name="Barker")  # a field that only one of the two has
    world.edit("salesforce:Contact:1", phone=TWO)
    world.edit("salesforce:Contact:2", phone=ONE)
    world.run()
    assert in_aloware(world) == {ONE: "Bob", TWO: "Ann"}
    assert [world.value(f"salesforce:Contact:{n}", "last_name") for n in (1, 2)] == [None, None]
    settled = world.state.settled.query("reason == 'foreign'")
    assert settled[["ref", "field", "value"]].values.tolist() == [["aloware:contacts:2", "last_name", "Barker"]]
    assert world.draft().changes.empty


def test_what_was_known_before_a_swap_goes_along() -> None:
    """The field that only one of the two has is Bob's: it comes with him to the contact with his new number."""
    world = two_people(*SCOPES)
    world.edit("salesforce:Contact:2", last_name="Barker")
    world.run()
    world.edit("salesforce:Contact:1", phone=TWO)
    world.edit("salesforce:Contact:2", phone=ONE)
    world.run()
    assert world.value("aloware:contacts:1", "last_name") == "Barker"
    assert world.value("salesforce:Contact:1", "last_name") is None
    assert world.draft().changes.empty


@pytest.mark.parametrize(("asked", "learned"), [("2", ""), ("12", ""), ("123", "123"), ("3", ""), ("4", "4")])
def test_of_an_exchange_nobody_learns_half(asked: str, learned: str) -> None:
    """A plan of some people alone (a one-time pull of Contacts, `--only`) leaves out whoever takes a number from
    somebody whom it isn't about, and whoever takes theirs: two people would go by one number.

    One's number goes to the next, and the last one's to the first; a fourth has a new one.

    | asked for   | planned     |
    | ----------- | ----------- |
    | 2           | nobody      |
    | 1 and 2     | nobody      |
    | 1, 2 and 3  | 1, 2 and 3  |
    | 4           | 4           |
    """
    world = two_people()
    world.add("contact", "3", phone=THREE)
    world.add("contact", "4", phone="+14155552674")
    world.run()
    for record, number in (("1", TWO), ("2", THREE), ("3", ONE), ("4", "+14155552675")):
        world.edit(f"salesforce:Contact:{record}", phone=number)
    assert planned(world, asked) == learned


@pytest.mark.parametrize(("asked", "learned"), [("1", ""), ("2", "2"), ("12", "12")])
def test_who_gives_a_contact_waits_for_who_takes_it(asked: str, learned: str) -> None:
    """Or they would be given another beside one that is still theirs.

    Bob has no contact any more, and an agent gives Ann's his number.

    | asked for   | planned     |
    | ----------- | ----------- |
    | Ann         | nobody      |
    | Bob         | Bob         |
    | both        | both        |
    """
    world = two_people()
    world.delete("aloware:contacts:2")
    world.run()
    world.edit("aloware:contacts:1", phone=TWO)
    assert planned(world, asked) == learned


def planned(world: Simulation, asked: str) -> str:
    """Those of the Contacts asked for who are in a plan of them alone."""
    people = {f"salesforce:Contact:{number}" for number in asked}
    kept = without_halves(people, bonds(world.match(), world.state.links))
    return "".join(sorted(person[-1] for person in kept))


def test_numbers_may_go_round_among_many() -> None:
    """One's number to the next, and the last one's to the first."""
    world = two_people()
    world.add("contact", "3", phone=THREE, first_name="Cy")
    world.run()
    for record, number in (("1", TWO), ("2", THREE), ("3", ONE)):
        world.edit(f"salesforce:Contact:{record}", phone=number)
    world.run()
    assert in_aloware(world) == {ONE: "Cy", TWO: "Ann", THREE: "Bob"}
    assert world.draft().changes.empty


def test_a_number_that_is_refused_goes_nowhere() -> None:
    """The cell that asks for somebody else's number is neither believed, nor spread, nor written over."""
    world = two_people(*SCOPES)
    world.add("hubspot", "1", phone=ONE, first_name="Ann")
    world.run()
    world.edit("salesforce:Contact:1", phone=TWO)
    plan = world.run()
    assert plan.collisions["kind"].tolist() == ["number-taken"]
    assert plan.changes.empty
    assert [world.value(ref, "phone") for ref in ("salesforce:Contact:1", "hubspot:contacts:1")] == [TWO, ONE]
    world.edit("salesforce:Contact:2", phone=THREE)
    world.run()
    assert in_aloware(world) == {ONE: "Ann", TWO: "Ann", THREE: "Bob"}
    assert world.value("hubspot:contacts:1", "phone") == TWO


@met()
def test_two_who_share_no_crm_become_one(world: Simulation) -> None:
    """A HubSpot contact gets the number of somebody whom only Salesforce knows: that is them. The holder of the number
    survives, the records join, and the contact with the number that was left is retired.

    | record    | phone        | person | role           |
    | --------- | ------------ | ------ | -------------- |
    | contact 1 | 415-555-2671 | A      | representative |
    | hubspot 1 | 415-555-2672 | B      | representative |
    | aloware 1 | +14155552671 | A      | representative |
    | aloware 2 | +14155552672 | B      | representative |

    | record    | person | role           |
    | --------- | ------ | -------------- |
    | contact 1 | A      | representative |
    | hubspot 1 | A      | representative |
    | aloware 1 | A      | representative |
    | aloware 2 | A      | retired        |
    """
    world.edit(world.ref("hubspot 1"), phone="415-555-2671")


def test_a_record_out_of_scope_still_tells_two_people_apart() -> None:
    """Salesforce knows both, though the policy leaves one of its Leads aside: they are two, and the number is taken."""
    scoped = structs.replace(NAMES.salesforce, where={"lead": {"FirstName": ("Ann",)}})
    world = Simulation(structs.replace(NAMES, salesforce=scoped), nothing_known(NAMES))
    aside = world.add("lead", "1", phone=ONE, first_name="Ann")
    mover = world.add("lead", "2", phone=TWO, first_name="Ann")
    world.run()
    world.edit(aside, first_name="Bob")
    world.edit(mover, phone=ONE)
    assert world.run().collisions["kind"].tolist() == ["number-taken"]
    assert len(world.match().people) == 2


def test_two_who_come_to_one_free_number_become_one() -> None:
    """Nobody held it, and no CRM knows both: the number says that they are one human."""
    world = Simulation(NAMES, nothing_known(NAMES))
    world.add("contact", "1", phone=ONE)
    world.add("hubspot", "1", phone=TWO)
    world.run()
    world.edit("salesforce:Contact:1", phone=THREE)
    world.edit("hubspot:contacts:1", phone=THREE)
    plan = world.run()
    assert plan.collisions["kind"].tolist() == ["became-one"]
    assert world.match().people["key"].tolist() == [THREE]
    assert world.draft().changes.empty


def test_two_who_ask_for_each_other_s_number_become_one_once() -> None:
    """Two may swap, but a third asks for the same number, so all three stay where they are. The two meet over either
    number and no CRM knows both: they are one, with one number; over the other one that person and the third are told
    apart.

    | record    | had | asks for | person afterwards |
    | --------- | --- | -------- | ----------------- |
    | hubspot 1 | ONE | TWO      | A                 |
    | contact 1 | TWO | ONE      | A                 |
    | hubspot 2 | 3   | TWO      | C                 |
    """
    world = Simulation(NAMES, nothing_known(NAMES))
    ann = world.add("hubspot", "1", phone=ONE, first_name="Ann")
    also_ann = world.add("contact", "1", phone=TWO, first_name="Ann")
    cy = world.add("hubspot", "2", phone=THREE, first_name="Cy")
    world.run()
    for ref, number in ((ann, TWO), (also_ann, ONE), (cy, TWO)):
        world.edit(ref, phone=number)
    assert sorted(world.run().collisions["kind"]) == ["became-one", "number-taken"]
    assert sorted(world.match().people["key"]) == [ONE, THREE]
    assert world.draft().changes.empty


@pytest.mark.parametrize("scope", ["salesforce.update", ""])
def test_an_agent_may_change_a_number_where_agents_are_heard(scope: str) -> None:
    """Two-way, the person goes along. Inbound, it is drift that Aloware can't take back: settled, reported, and left
    alone; the contact stays who it was, under the number that it has now.
    """
    world = agreeing(*filter(None, [scope]))
    world.edit("aloware:contacts:1", phone=THREE)
    plan = world.run()
    assert world.value("salesforce:Contact:1", "phone") == (THREE if scope else ONE)
    assert plan.quarantine["record_id"].tolist() == ([] if scope else ["1"])
    assert world.state.links["role"]["aloware:contacts:1"] == "representative"
    assert world.draft().changes.empty
    world.edit("salesforce:Contact:1", first_name="Anne")
    world.run()
    assert in_aloware(world) == {THREE: "Anne"}


def test_opening_a_scope_doesn_t_make_old_drift_heard() -> None:
    """What an agent typed before agents had a say stays drift; what they type afterwards counts."""
    world = agreeing()
    world.edit("aloware:contacts:1", phone=THREE)
    world.state = set_direction(world.state, "salesforce.update")
    world.run()
    assert world.value("salesforce:Contact:1", "phone") == ONE
    world.edit("aloware:contacts:1", phone=TWO)
    world.run()
    assert world.value("salesforce:Contact:1", "phone") == TWO


def test_contacts_that_agents_swapped_go_back_to_their_numbers() -> None:
    """Inbound: a contact belongs to whoever holds its number, so both are written over, and nothing is mixed up."""
    world = two_people()
    world.edit("aloware:contacts:1", phone=TWO)
    world.edit("aloware:contacts:2", phone=ONE)
    world.run()
    assert in_aloware(world) == {ONE: "Ann", TWO: "Bob"}
    assert world.draft().changes.empty


def test_a_number_that_an_agent_took_goes_to_whom_it_is_owed() -> None:
    """Two agents' drift: Bob's contact has Ann's number now, and hers one that is nobody's. His becomes hers, hers is
    retired, and he gets a new one.
    """
    world = two_people()
    world.edit("aloware:contacts:1", phone=THREE)
    world.edit("aloware:contacts:2", phone=ONE)
    world.run()
    assert in_aloware(world) == {ONE: "Ann", TWO: "Bob", THREE: "Ann"}
    assert world.state.links["role"]["aloware:contacts:1"] == "retired"
    assert world.draft().changes.empty


@pytest.mark.parametrize("rule", ["priority", "rank", "hold"])
def test_who_wins_the_field_wins_the_number(rule: str) -> None:
    """Two CRMs type two new numbers: the field's rule says which of them the person goes by, or that it waits."""
    policy = structs.replace(PEOPLE, fields={n: structs.replace(f, rule=rule) for n, f in PEOPLE.fields.items()})
    policy.fields["phone"] = structs.replace(policy.fields["phone"], order=("hubspot", "salesforce"))
    world = Simulation(policy, nothing_known(policy, SCOPES))
    world.add("contact", "1", phone=ONE)
    world.add("hubspot", "1", phone=ONE)
    world.run()
    world.edit("salesforce:Contact:1", phone=TWO)
    world.edit("hubspot:contacts:1", phone=THREE)
    world.run()
    assert world.match().people["key"].tolist() == [ONE if rule == "hold" else THREE]
    assert world.draft().changes.empty


def test_a_call_is_whose_the_number_was_at_the_time() -> None:
    """The first known holder has had a number since ever, a later one since their record was modified, to the hour.
    A number that isn't anybody's first counts where one person alone has it.

    | number       | before the swap | after it |
    | ------------ | --------------- | -------- |
    | +14155552671 | Ann             | Bob      |
    | +14155552672 | Bob             | Ann      |
    | +14155552673 | Ann             | Ann      |
    """
    world = two_people(policy=shipped_policy("first_name", "phone", "mobile_phone"))
    world.edit("salesforce:Contact:1", mobile_phone=THREE)
    world.run()
    for record, number in (("1", TWO), ("2", ONE)):
        world.edit(f"salesforce:Contact:{record}", phone=number, at="2026-12-01T09:00:00+00:00")
    world.run()
    times = ["2020-01-01T00:00:00", "2026-12-01T09:00:01"]
    calls = pd.DataFrame([(number, at) for number in (ONE, TWO, THREE) for at in times], columns=["number", "at"])
    ann, bob = "salesforce:Contact:1", "salesforce:Contact:2"
    assert holders(calls, world.state.numbers).tolist() == [ann, bob, bob, ann, ann, ann]
