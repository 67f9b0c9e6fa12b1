"""Identity

Who is who. Records with one letter in `person` are held to be one human; the *representative* speaks and is written, a
*shadow* is neither. A second table shows the same records after the deed that the paragraph tells, one run later.
"""

from msgspec.structs import replace

from tasks.core.model import SCOPES
from tasks.core.policy import Phones, Salesforce
from tests.property.simulation import Simulation, nothing_known
from tests.spec.tables import PEOPLE, agreeing, met


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


def test_what_was_deleted_isn_t_created_again() -> None:
    """A contact deleted in Aloware ends its link; the person goes on elsewhere and is not brought back there."""
    world = agreeing()
    world.delete(world.ref("aloware 1"))
    assert world.run().changes.empty
    assert world.state.links["role"][world.ref("aloware 1")] == "tombstone"


def test_an_address_that_another_person_holds_isn_t_spread() -> None:
    """A create that would carry it is held, and the records that claim it are reported."""
    world = Simulation(PEOPLE, nothing_known(PEOPLE, SCOPES))
    world.add("contact", "1", phone="415-555-2671", email="ann@a.com")
    world.add("contact", "2", phone="415-555-2672", email="ann@a.com")
    plan = world.draft()
    assert plan.changes.empty
    assert plan.collisions["kind"].tolist() == ["email-taken"]


def test_an_address_that_is_released_is_free_in_the_same_plan() -> None:
    """Aloware's stale address of one person is overwritten; its owner is created in the same run."""
    world = Simulation(PEOPLE, nothing_known(PEOPLE, SCOPES))
    world.add("contact", "1", phone="415-555-2671", email="a@a.com")
    world.add("aloware", "1", phone="+14155552671", email="b@a.com")
    world.add("contact", "2", phone="415-555-2672", email="b@a.com")
    world.run()
    assert world.draft().changes.empty


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
