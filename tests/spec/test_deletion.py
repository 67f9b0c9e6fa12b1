"""Deletion

A record that isn't in a snapshot may be anywhere; one that its system says was deleted is gone. Its link ends, which is
reported; it isn't created again from the other sides, and nothing is deleted there. What a person brings back is back.
"""

from dataclasses import replace

from msgspec import structs

from tasks.core.model import ALOWARE, SCOPES, Outcome
from tasks.core.policy import Salesforce
from tests.property.simulation import Simulation, nothing_known
from tests.property.worlds import shipped_policy
from tests.spec.tables import agreeing, met

ONE, TWO = "+14155552671", "+14155552672"
NAMES = shipped_policy("first_name", "phone")
CREATING = shipped_policy("first_name", "last_name", "phone", create_from=("hubspot",))
WEB = structs.replace(CREATING, salesforce=Salesforce(where={"contact": {"LeadSource": ("Web", "")}}))


def test_what_was_deleted_isn_t_created_again() -> None:
    """A contact deleted in Aloware ends its link; the person goes on elsewhere and is not brought back there."""
    world = agreeing()
    world.delete(world.ref("aloware 1"))
    assert world.run().changes.empty
    assert world.state.links["role"][world.ref("aloware 1")] == "tombstone"


def test_a_deletion_is_reported_once() -> None:
    """In the run that learns of it."""
    world = agreeing(*SCOPES)
    world.delete("hubspot:contacts:1")
    reasons = [world.run().quarantine["reason"].tolist() for _ in range(2)]
    assert reasons == [["deleted; it is not created again from the other sides"], []]
    assert set(world.records) == {"salesforce:Contact:1", "aloware:contacts:1"}


@met()
def test_absence_proves_nothing(world: Simulation) -> None:
    """A record that a snapshot doesn't have keeps its link.

    | record    | phone        | person | role           |
    | --------- | ------------ | ------ | -------------- |
    | contact 1 | 415-555-2671 | A      | representative |
    | hubspot 1 | 415-555-2671 | A      | representative |

    | record    | person | role           |
    | --------- | ------ | -------------- |
    | contact 1 | A      | representative |
    | hubspot 1 | A      | representative |
    """
    world.delete(world.ref("hubspot 1"))
    world.gone.clear()


@met()
def test_the_best_shadow_speaks_when_the_voice_is_gone(world: Simulation) -> None:
    """By the policy's pick: the newest of those that are left.

    | record    | phone        | created | person | role           |
    | --------- | ------------ | ------- | ------ | -------------- |
    | contact 1 | 415-555-2671 | 1       | A      | shadow         |
    | contact 2 | 415-555-2671 | 2       | A      | shadow         |
    | contact 3 | 415-555-2671 | 3       | A      | representative |

    | record    | person | role           |
    | --------- | ------ | -------------- |
    | contact 1 | A      | shadow         |
    | contact 2 | A      | representative |
    | contact 3 | A      | tombstone      |
    """
    world.delete(world.ref("contact 3"))


def test_a_promoted_shadow_joins() -> None:
    """What it says was typed who knows when: on a tie golden stays, and what it said when it last spoke counts for
    nothing, not even when the run that promotes it can write nobody.
    """
    world = Simulation(NAMES, nothing_known(NAMES, SCOPES))
    world.add("lead", "1", phone=ONE, first_name="Ann")
    world.run()
    world.add("contact", "1", phone=ONE, first_name="Nancy")
    world.run()
    world.edit("salesforce:Lead:1", first_name="Anna")
    world.delete("salesforce:Contact:1")
    world.apply(world.draft(), {"c1": Outcome.FAILED})
    plan = world.run()
    assert world.value("salesforce:Lead:1", "first_name") == "Nancy"
    assert plan.conflicts["rule"].tolist() == ["priority"]
    assert world.draft().changes.empty


def test_who_is_restored_is_back() -> None:
    """With what was known of it: it isn't new, and its old values win nothing."""
    world = agreeing(*SCOPES)
    world.delete("hubspot:contacts:1")
    world.edit("salesforce:Contact:1", first_name="Anne")
    world.run()
    world.restore("hubspot:contacts:1")
    world.run()
    assert world.state.links["role"]["hubspot:contacts:1"] == "representative"
    assert world.value("hubspot:contacts:1", "first_name") == "Anne"
    assert world.draft().changes.empty


def test_who_is_entered_anew_is_back() -> None:
    """Somebody creates a record with the person's number where theirs was deleted."""
    world = agreeing(*SCOPES)
    world.delete("hubspot:contacts:1")
    world.run()
    world.add("hubspot", "2", phone=ONE)
    world.run()
    assert world.value("hubspot:contacts:2", "first_name") == "Ann"


def test_a_one_time_pull_brings_back_what_was_deleted_in_aloware() -> None:
    """That is what it is for; an ordinary run leaves it deleted."""
    world = agreeing(*SCOPES)
    world.delete("aloware:contacts:1")
    world.run()
    assert world.draft().changes.empty
    world.state = world.state.without_tombstones(ALOWARE)
    assert world.draft().changes[["system", "kind"]].values.tolist() == [["aloware", "create"]]


def test_a_contact_that_was_gone_or_renumbered_relinks_when_it_returns() -> None:
    """Aloware answered that nobody has the number; later the contact turns up under another one, with the same id."""
    world = agreeing()
    world.delete("aloware:contacts:1")
    world.run()
    world.restore("aloware:contacts:1")
    world.edit("aloware:contacts:1", phone=TWO)
    world.run()
    assert world.state.links["role"]["aloware:contacts:1"] == "representative"
    assert len(world.match().people) == 1
    assert world.draft().changes.empty


def test_a_retired_contact_may_go_unnoticed() -> None:
    """Its deletion says nothing of its person, who has another contact."""
    world = agreeing()
    world.edit("salesforce:Contact:1", phone=TWO)
    world.run()
    world.delete("aloware:contacts:1")
    plan = world.run()
    assert plan.quarantine.empty
    assert plan.changes.empty


def sourced(source: str) -> Simulation:
    """Ann's Contact, which the policy wants only of a source; Aloware and HubSpot know her, too."""
    world = Simulation(WEB, nothing_known(WEB, SCOPES))
    for place in ("contact", "hubspot", "aloware"):
        world.add(place, "1", phone=ONE, first_name="Ann", last_name="Archer")
    world.records["salesforce:Contact:1"]["LeadSource"] = source
    return world


def test_a_record_out_of_scope_is_ignored() -> None:
    """It was never met: whoever it is, nothing is taken from it or written to it."""
    world = sourced("Trade show")
    assert world.match().records.index.tolist() == ["aloware:contacts:1", "hubspot:contacts:1"]
    assert world.draft().quarantine.empty


def test_who_leaves_the_scope_isn_t_deleted_nor_created_again() -> None:
    """The link is kept; nothing is written there, and nothing comes from there."""
    world = sourced("Web")
    world.run()
    world.records["salesforce:Contact:1"]["LeadSource"] = "Trade show"
    world.edit("salesforce:Contact:1", first_name="Nancy")
    world.edit("hubspot:contacts:1", first_name="Anne")
    world.state = replace(world.state, directions=dict.fromkeys(SCOPES, "two-way"))
    plan = world.run()
    assert set(plan.changes["system"]) == {"aloware"}
    assert plan.quarantine.empty
    assert world.state.links["role"]["salesforce:Contact:1"] == "out-of-scope"


def test_who_comes_back_into_scope_goes_on_where_they_were() -> None:
    """What was typed there in the meantime is an edit, what was typed elsewhere reaches it now."""
    world = sourced("Web")
    world.run()
    world.records["salesforce:Contact:1"]["LeadSource"] = "Trade show"
    world.edit("hubspot:contacts:1", first_name="Anne")
    world.run()
    world.records["salesforce:Contact:1"]["LeadSource"] = None
    world.edit("salesforce:Contact:1", phone=TWO)
    world.run()
    assert world.value("salesforce:Contact:1", "first_name") == "Anne"
    assert world.match().people["key"].tolist() == [TWO]
    assert world.draft().changes.empty
