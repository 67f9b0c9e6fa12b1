"""Identity

Who is who. Records with one letter in `person` are held to be one human; the *representative* speaks and is written, a
*shadow* is neither. A second table shows the same records after the deed that the paragraph tells, one run later.
"""

from dataclasses import replace as replace_state

from msgspec.structs import replace

from tasks.core.model import SCOPES
from tasks.core.policy import HubSpot, Phones, Salesforce
from tests.property.simulation import Simulation, nothing_known
from tests.spec.tables import PEOPLE, met


def test_a_match_on_another_number_is_a_possible_collision() -> None:
    """One's second number is the other's first: perhaps they are one human, and a person may look into it."""
    world = Simulation(PEOPLE, nothing_known(PEOPLE))
    world.add("contact", "1", phone="415-555-2671", mobile_phone="415-555-2672")
    world.add("contact", "2", phone="415-555-2672")
    found = world.draft().collisions
    assert found[["kind", "phone", "records", "chosen"]].values.tolist() == [
        ["possible", "+14155552672", '["salesforce:Contact:1", "salesforce:Contact:2"]', ""]
    ]


@met(replace(PEOPLE, phones=Phones(shared_number="next-number")))
def test_the_policy_may_let_each_go_by_its_next_number(world: Simulation) -> None:
    """Under `shared_number = "next-number"` a record that isn't picked goes by its next valid number which nobody else
    goes by; one that has none stays a shadow.

    | record    | phone        | mobile_phone | created | person | role           |
    | --------- | ------------ | ------------ | ------- | ------ | -------------- |
    | contact 1 | 415-555-2671 | 415-555-2672 | 1       | A      | shadow         |
    | contact 2 | 415-555-2671 | -            | 3       | A      | representative |
    | contact 3 | 415-555-2671 | 415-555-2672 | 2       | B      | representative |

    | record    | person | role           |
    | --------- | ------ | -------------- |
    | contact 1 | A      | shadow         |
    | contact 2 | A      | representative |
    | contact 3 | B      | representative |
    """
    assert world.draft().changes.empty


@met()
def test_a_record_with_the_number_speaks_before_one_without(world: Simulation) -> None:
    """What an address led to a person comes after what a number did, however new it is.

    | record    | phone        | email   | created | person | role           |
    | --------- | ------------ | ------- | ------- | ------ | -------------- |
    | contact 1 | 415-555-2671 | a@a.com | 1       | A      | representative |
    | contact 2 | -            | a@a.com | 3       | A      | shadow         |
    """


def test_a_number_that_only_a_shadow_has_is_known_at_once() -> None:
    """A Lead has the number, the Contact with its address none: the Contact gets it in the same run, not one later."""
    world = Simulation(PEOPLE, nothing_known(PEOPLE, SCOPES))
    world.add("lead", "1", phone="415-555-2671", email="a@a.com")
    world.add("contact", "1", email="a@a.com")
    world.run()
    assert world.value("salesforce:Contact:1", "phone") == "+14155552671"
    assert world.draft().changes.empty


@met()
def test_one_number_is_one_person(world: Simulation) -> None:
    """A phone number, however it is written, makes records of several systems one person.

    | record    | phone            | person | role           |
    | --------- | ---------------- | ------ | -------------- |
    | contact 1 | (415) 555-2671   | A      | representative |
    | hubspot 1 | 415.555.2671     | A      | representative |
    | aloware 1 | +14155552671     | A      | representative |
    | contact 2 | +44 20 7946 0958 | B      | representative |
    """


@met()
def test_a_leading_00_is_a_plus(world: Simulation) -> None:
    """As people in most of the world dial it.

    | record    | phone            | person | role           |
    | --------- | ---------------- | ------ | -------------- |
    | contact 1 | 0044 2079460958  | A      | representative |
    | hubspot 1 | +44 20 7946 0958 | A      | representative |
    """


@met()
def test_what_is_no_number_makes_nobody(world: Simulation) -> None:
    """A record with neither a valid number nor an address that leads to somebody is set aside, and said so.

    | record    | phone       | email     | person | role        |
    | --------- | ----------- | --------- | ------ | ----------- |
    | contact 1 | ask Bob     | -         | -      | quarantined |
    | contact 2 | 555 2671    | c@a.com   | -      | quarantined |
    | hubspot 1 | -           | h@a.com   | -      | quarantined |
    """


@met()
def test_the_first_valid_number_counts(world: Simulation) -> None:
    """An object's phone fields are tried in order.

    | record    | phone   | mobile_phone | person | role           |
    | --------- | ------- | ------------ | ------ | -------------- |
    | contact 1 | ask Bob | 415-555-2671 | A      | representative |
    | aloware 1 | +14155552671 | -       | A      | representative |
    """


@met()
def test_only_match_keys_match(world: Simulation) -> None:
    """A second number that is somebody's first doesn't make them one.

    | record    | phone        | mobile_phone | person | role           |
    | --------- | ------------ | ------------ | ------ | -------------- |
    | contact 1 | 415-555-2671 | 415-555-2672 | A      | representative |
    | contact 2 | 415-555-2672 | -            | B      | representative |
    """


@met()
def test_of_records_that_share_a_number_the_newest_speaks(world: Simulation) -> None:
    """Several records of one object with one number: the most recently created represents them.

    | record    | phone        | created | person | role           |
    | --------- | ------------ | ------- | ------ | -------------- |
    | contact 1 | 415-555-2671 | 1       | A      | shadow         |
    | contact 2 | 415-555-2671 | 3       | A      | representative |
    | contact 3 | 415-555-2671 | 2       | A      | shadow         |
    """


@met()
def test_a_tie_goes_to_the_lowest_id(world: Simulation) -> None:
    """Created at one moment, by an import for instance.

    | record    | phone        | created | person | role           |
    | --------- | ------------ | ------- | ------ | -------------- |
    | hubspot 2 | 415-555-2671 | 1       | A      | shadow         |
    | hubspot 1 | 415-555-2671 | 1       | A      | representative |
    """


@met(replace(PEOPLE, phones=Phones(pick="oldest")))
def test_the_policy_may_pick_the_oldest(world: Simulation) -> None:
    """`pick = "oldest"` turns it round.

    | record    | phone        | created | person | role           |
    | --------- | ------------ | ------- | ------ | -------------- |
    | contact 1 | 415-555-2671 | 1       | A      | representative |
    | contact 2 | 415-555-2671 | 3       | A      | shadow         |
    """


@met()
def test_who_speaks_goes_on_speaking(world: Simulation) -> None:
    """A newer record with the same number doesn't take over from the one that is linked.

    | record    | phone        | created | person | role           |
    | --------- | ------------ | ------- | ------ | -------------- |
    | contact 1 | 415-555-2671 | 1       | A      | representative |

    | record    | person | role           |
    | --------- | ------ | -------------- |
    | contact 1 | A      | representative |
    | contact 2 | A      | shadow         |
    """
    world.add("contact", "2", created=3, phone="415-555-2671")


@met()
def test_a_contact_speaks_before_a_lead(world: Simulation) -> None:
    """One number on both: the module with priority speaks, also when it comes later.

    | record    | phone        | created | person | role           |
    | --------- | ------------ | ------- | ------ | -------------- |
    | lead 1    | 415-555-2671 | 3       | A      | representative |

    | record    | person | role           |
    | --------- | ------ | -------------- |
    | lead 1    | A      | shadow         |
    | contact 1 | A      | representative |
    """
    world.add("contact", "1", phone="415-555-2671")


@met(replace(PEOPLE, salesforce=Salesforce(priority="lead")))
def test_the_policy_may_prefer_leads(world: Simulation) -> None:
    """`priority = "lead"` turns it round.

    | record    | phone        | created | person | role           |
    | --------- | ------------ | ------- | ------ | -------------- |
    | lead 1    | 415-555-2671 | 1       | A      | representative |
    | contact 1 | 415-555-2671 | 3       | A      | shadow         |
    """


@met()
def test_an_address_leads_a_record_without_number_to_its_person(world: Simulation) -> None:
    """Where one side has no number and the address is unique on both.

    | record    | phone        | email     | person | role           |
    | --------- | ------------ | --------- | ------ | -------------- |
    | contact 1 | 415-555-2671 | ann@a.com | A      | representative |
    | hubspot 1 | -            | Ann@A.com | A      | representative |
    """


@met()
def test_an_ambiguous_address_leads_nowhere(world: Simulation) -> None:
    """Two people with one address, or two records without a number in one system: nothing is guessed.

    | record    | phone        | email     | person | role           |
    | --------- | ------------ | --------- | ------ | -------------- |
    | contact 1 | 415-555-2671 | ann@a.com | A      | representative |
    | contact 2 | 415-555-2672 | ann@a.com | B      | representative |
    | hubspot 1 | -            | ann@a.com | -      | quarantined    |
    | contact 3 | 415-555-2673 | bob@a.com | C      | representative |
    | contact 4 | -            | bob@a.com | -      | quarantined    |
    | contact 5 | -            | bob@a.com | -      | quarantined    |
    """


@met()
def test_two_numbers_are_two_people_whatever_their_address(world: Simulation) -> None:
    """An address never overrules numbers.

    | record    | phone        | email     | person | role           |
    | --------- | ------------ | --------- | ------ | -------------- |
    | contact 1 | 415-555-2671 | ann@a.com | A      | representative |
    | hubspot 1 | 415-555-2672 | ann@a.com | B      | representative |
    """


def test_an_address_that_another_person_holds_isn_t_spread() -> None:
    """A create that would carry it is held, and the records that claim it are reported."""
    world = Simulation(PEOPLE, nothing_known(PEOPLE, SCOPES))
    world.add("contact", "1", phone="415-555-2671", email="ann@a.com")
    world.add("contact", "2", phone="415-555-2672", email="ann@a.com")
    plan = world.draft()
    assert plan.changes.empty
    assert plan.collisions["kind"].tolist() == ["email-taken"]


def test_hubspot_has_an_address_once_even_for_one_person() -> None:
    """Their other HubSpot contact, a shadow, holds the address: HubSpot would refuse it, so it is held and reported."""
    world = Simulation(PEOPLE, nothing_known(PEOPLE, SCOPES))
    world.add("hubspot", "1", phone="415-555-2671")
    world.run()
    world.add("hubspot", "2", phone="415-555-2671", email="ann@a.com")
    world.add("contact", "1", phone="415-555-2671", email="ann@a.com")
    plan = world.draft()
    assert "hubspot" not in set(plan.changes["system"])
    (taken,) = plan.collisions.loc[plan.collisions["kind"] == "email-taken", "records"]
    assert "hubspot:contacts:2" in taken


def test_hubspot_counts_a_contact_that_is_out_of_scope() -> None:
    """Nobody reads it and nobody writes it, and its address is taken there all the same."""
    policy = replace(PEOPLE, hubspot=HubSpot(where={"mobilephone": ("",)}))
    world = Simulation(policy, nothing_known(policy, SCOPES))
    world.add("hubspot", "1", phone="415-555-2671")
    world.add("hubspot", "2", email="ann@a.com", mobile_phone="415-555-2672")
    world.add("contact", "1", phone="415-555-2671", email="ann@a.com")
    plan = world.draft()
    assert "hubspot" not in set(plan.changes["system"])
    assert plan.collisions["kind"].tolist() == ["email-taken"]


def test_an_address_of_somebody_who_isn_t_in_sight_is_reported_with_their_name() -> None:
    """Their CRM is disconnected, and what was decided about them stands: they go by the record that founded them."""
    world = Simulation(PEOPLE, nothing_known(PEOPLE, SCOPES))
    world.add("hubspot", "1", phone="415-555-2671")
    world.add("contact", "1", phone="415-555-2671", email="ann@a.com")
    world.add("contact", "2", phone="415-555-2672", email="ann@a.com")
    world.run()
    world.records = {ref: row for ref, row in world.records.items() if not ref.startswith("salesforce")}
    world.state = replace_state(world.state, connected=frozenset({"hubspot", "aloware"}))
    (taken,) = world.draft().collisions["records"]
    assert taken == '["salesforce:Contact:1", "salesforce:Contact:2"]'


def test_an_address_of_somebody_who_is_gone_is_free() -> None:
    """All of their records were deleted: whoever has the address now is told to everybody."""
    world = Simulation(PEOPLE, nothing_known(PEOPLE, SCOPES))
    world.add("contact", "1", phone="415-555-2671", email="ann@a.com")
    world.run()
    for ref in list(world.records):
        world.delete(ref)
    world.add("contact", "2", phone="415-555-2672", email="ann@a.com")
    world.run()
    assert world.draft().changes.empty
    assert [world.value(ref, "email") for ref in sorted(world.records)] == ["ann@a.com"] * 2


def test_an_address_that_is_released_is_free_in_the_same_plan() -> None:
    """Aloware's stale address of one person is overwritten; its owner is created in the same run."""
    world = Simulation(PEOPLE, nothing_known(PEOPLE, SCOPES))
    world.add("contact", "1", phone="415-555-2671", email="a@a.com")
    world.add("aloware", "1", phone="+14155552671", email="b@a.com")
    world.add("contact", "2", phone="415-555-2672", email="b@a.com")
    world.run()
    assert world.draft().changes.empty
