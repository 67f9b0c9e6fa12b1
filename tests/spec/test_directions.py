"""Directions

A scope is `inbound` (from the CRM towards Aloware) until somebody makes it `two-way`. A CRM always speaks; it is
written only where its scope is open. Aloware is always written; it speaks only where a CRM of the person is open.
"""

from dataclasses import replace

import pytest
from msgspec import structs

from tasks.core.model import ALOWARE, CRMS, SCOPES, SYSTEMS, Outcome
from tasks.core.policy import Field
from tests.property.simulation import Simulation, nothing_known, set_direction
from tests.property.worlds import shipped_policy
from tests.spec.tables import agreeing, decided

POLICY = shipped_policy("first_name", "phone", "lead_status")


@decided()
def test_an_inbound_crm_speaks_but_isn_t_written() -> None:
    """Salesforce's edit reaches HubSpot, which is open, and Aloware; HubSpot's would not reach Salesforce.

    | side       | may          | base | now   | then  | why      |
    | ---------- | ------------ | ---- | ----- | ----- | -------- |
    | golden     |              | Ann  |       | Anne  | conflict |
    | salesforce | inbound      | Ann  | Anne  | Anne  |          |
    | hubspot    |              | Ann  | Annie | Anne  |          |
    | aloware    |              | Ann  | Ann   | Anne  |          |

    | side       | may          | base | now   | then  | why      |
    | ---------- | ------------ | ---- | ----- | ----- | -------- |
    | golden     |              | Ann  |       | Annie | edit     |
    | salesforce | inbound      | Ann  | Ann   | Ann   |          |
    | hubspot    |              | Ann  | Annie | Annie |          |
    | aloware    |              | Ann  | Ann   | Annie |          |
    """


@decided()
def test_an_agent_s_edit_without_authority_is_restored() -> None:
    """With every CRM inbound, what an agent types into a CRM's field is drift.

    | side       | may          | base | now   | then | why       |
    | ---------- | ------------ | ---- | ----- | ---- | --------- |
    | golden     |              | Ann  |       | Ann  | unchanged |
    | salesforce | inbound      | Ann  | Ann   | Ann  |           |
    | aloware    | no authority | Ann  | Annie | Ann  |           |
    """


@decided(drift="keep")
def test_drift_may_be_kept() -> None:
    """With `drift = "keep"` the agent's value stays in Aloware, settled, and goes nowhere.

    | side       | may          | base | now   | then  | why        |
    | ---------- | ------------ | ---- | ----- | ----- | ---------- |
    | golden     |              | Ann  |       | Ann   | unchanged  |
    | salesforce | inbound      | Ann  | Ann   | Ann   |            |
    | aloware    | no authority | Ann  | Annie | Annie | kept drift |
    """


@decided(drift="keep")
def test_kept_drift_ends_when_golden_moves() -> None:
    """What the CRM decides anew reaches Aloware again.

    | side       | may          | base  | now   | known   | then | why  |
    | ---------- | ------------ | ----- | ----- | ------- | ---- | ---- |
    | golden     |              | Ann   |       |         | Anne | edit |
    | salesforce | inbound      | Ann   | Anne  |         | Anne |      |
    | aloware    | no authority | Annie | Annie | settled | Anne |      |
    """


def names(world: Simulation) -> list[str | None]:
    return [world.value(world.ref(f"{place} 1"), "first_name") for place in ("contact", "hubspot", "aloware")]


def test_everything_is_inbound_at_first() -> None:
    """Right after connecting no CRM is written, whatever differs."""
    world = Simulation(POLICY, nothing_known(POLICY))
    world.add("contact", "1", phone="+14155552671", first_name="Ann")
    world.add("hubspot", "1", phone="+14155552671", first_name="Anne")
    world.add("aloware", "2", phone="+14155552672", first_name="Bob")
    plan = world.run()
    assert set(plan.changes["system"]) == {ALOWARE}
    assert world.value("aloware:contacts:new-1", "first_name") == "Ann"


@pytest.mark.parametrize(
    ("open_scopes", "expected"),
    [
        ((), ["Ann", "Ann", "Ann"]),
        (("salesforce.update",), ["Annie", "Ann", "Annie"]),
        (("hubspot.update",), ["Ann", "Annie", "Annie"]),
        (("salesforce.update", "hubspot.update"), ["Annie", "Annie", "Annie"]),
        (("salesforce.create", "hubspot.create", "hubspot.disposition"), ["Ann", "Ann", "Ann"]),
    ],
)
def test_an_agent_s_edit_goes_where_updates_are_open(open_scopes: tuple[str, ...], expected: list[str]) -> None:
    """Creating is one permission, updating another, Lead Status a third."""
    world = agreeing(*open_scopes)
    world.edit(world.ref("aloware 1"), first_name="Annie")
    world.run()
    assert names(world) == expected


def test_authority_begins_with_the_next_edit() -> None:
    """Opening a scope doesn't turn old drift into an edit: it is restored; what is typed from then on counts."""
    world = agreeing()
    world.edit(world.ref("aloware 1"), first_name="Annie")
    world.state = set_direction(world.state, "salesforce.update")
    world.run()
    assert names(world) == ["Ann", "Ann", "Ann"]
    world.edit(world.ref("aloware 1"), first_name="Annie")
    world.run()
    assert names(world) == ["Annie", "Ann", "Annie"]


def test_old_drift_is_nobody_s_edit_however_long_it_takes_to_restore() -> None:
    """The scope is opened, and putting the old name back fails. A run later it still isn't the agent's word; and when
    it was restored, typing the very same name is."""
    world = agreeing()
    world.edit(world.ref("aloware 1"), first_name="Annie")
    world.state = set_direction(world.state, "salesforce.update")
    plan = world.draft()
    assert plan.changes["rule"].tolist() == ["drift"]
    world.apply(plan, {"c1": Outcome.FAILED})
    world.run()
    assert names(world) == ["Ann", "Ann", "Ann"]
    world.edit(world.ref("aloware 1"), first_name="Annie")
    world.run()
    assert names(world) == ["Annie", "Ann", "Annie"]


def test_old_drift_wins_nothing_even_where_aloware_ranks_first() -> None:
    """What was typed without authority fills a blank and otherwise never wins, whatever the rule."""
    fields = dict(POLICY.fields)
    fields["first_name"] = structs.replace(fields["first_name"], rule="rank", order=("aloware",))
    world = agreeing()
    world.policy = structs.replace(POLICY, fields=fields)
    world.edit(world.ref("aloware 1"), first_name="Annie")
    world.state = set_direction(world.state, "salesforce.update")
    world.apply(world.draft(), {"c1": Outcome.FAILED})
    world.run()
    assert names(world) == ["Ann", "Ann", "Ann"]


def test_a_second_scope_leaves_what_was_authorised_already() -> None:
    """Agents may edit Salesforce's names, and one did. Opening HubSpot in the same hour doesn't make that drift."""
    world = agreeing("salesforce.update")
    world.edit(world.ref("aloware 1"), first_name="Annie")
    world.state = set_direction(world.state, "hubspot.update")
    world.run()
    assert names(world) == ["Annie", "Annie", "Annie"]


def test_hubspot_connected_a_year_after_salesforce_doesn_t_overwrite_it() -> None:
    """Two systems lived apart for a year and differ. Nobody typed anything since: Salesforce's names stay, what only
    HubSpot knows is filled in, and every difference is recorded."""
    world = Simulation(POLICY, replace(nothing_known(POLICY), connected=frozenset({"salesforce", "aloware"})))
    world.add("contact", "1", phone="+14155552671", first_name="Ann")
    world.add("contact", "2", phone="+14155552672", first_name=None)
    world.run()
    world.add("hubspot", "1", phone="+14155552671", first_name="Annie")
    world.add("hubspot", "2", phone="+14155552672", first_name="Bob")
    world.state = replace(set_direction(world.state, *SCOPES), connected=frozenset(SYSTEMS))
    conflicts = world.run().conflicts
    assert conflicts[["field", "winner"]].to_numpy().tolist() == [["first_name", "golden"]]
    assert [world.value(world.ref(f"{place} 1"), "first_name") for place in ("contact", "hubspot")] == ["Ann", "Ann"]
    assert [world.value(world.ref(f"{place} 2"), "first_name") for place in ("contact", "hubspot")] == ["Bob", "Bob"]
    assert world.draft().changes.empty


def test_a_value_that_can_t_be_read_is_neither_blank_nor_edit() -> None:
    """Somebody types a word where a date was due: it goes nowhere and isn't overwritten. It still is a Contact whose
    dates agents may edit."""
    birthday = Field(type="date", contact="Birthdate", aloware="birthday", blanks="clear")
    policy = structs.replace(POLICY, fields=dict(POLICY.fields) | {"birthday": birthday})
    world = Simulation(policy, nothing_known(policy, ("salesforce.update",)))
    contact = world.add("contact", "1", phone="+14155552671", birthday="2001-02-03")
    agent_s = world.add("aloware", "1", phone="+14155552671", birthday="2001-02-03")
    world.run()
    world.edit(contact, birthday="soon")
    assert world.run().changes.empty
    world.edit(agent_s, birthday="2001-02-04")
    assert world.run().changes.empty
    assert world.state.golden["birthday"].tolist() == ["2001-02-04"]
    world.edit(contact, birthday="2001-02-03")
    world.run()
    assert world.value(contact, "birthday") == "2001-02-04"


def test_an_agent_contradicts_nobody_where_no_crm_holds_the_field() -> None:
    """Lead Status is HubSpot's. Whoever is in Salesforce alone has none there, so the agent's pick stands, and so does
    the next one; once HubSpot knows the person too, its word is law while its scope is inbound."""
    world = Simulation(POLICY, nothing_known(POLICY))
    world.add("contact", "1", phone="+14155552671", first_name="Ann")
    contact = world.add("aloware", "1", phone="+14155552671", first_name="Ann", lead_status="1")
    world.run()
    world.edit(contact, lead_status="3")
    world.run()
    assert world.value(contact, "lead_status") == "3"
    world.add("hubspot", "1", phone="+14155552671", first_name="Ann", lead_status="NEW")
    world.run()
    world.edit(contact, lead_status="3")
    world.run()
    assert world.value(contact, "lead_status") == "1"


def test_an_agent_speaks_for_somebody_whose_last_crm_record_is_gone() -> None:
    """In the very run that learns of the deletion, too: nobody is left whom the agent could contradict."""
    world = agreeing()
    world.edit(world.ref("aloware 1"), first_name="Annie")
    world.delete(world.ref("contact 1"))
    world.delete(world.ref("hubspot 1"))
    world.run()
    assert world.value(world.ref("aloware 1"), "first_name") == "Annie"


def test_people_born_in_aloware_are_created_where_creating_is_open() -> None:
    """A contact that only Aloware knows becomes a Salesforce Contact, and nothing in HubSpot, which isn't open."""
    world = Simulation(POLICY, nothing_known(POLICY, ("salesforce.create",)))
    world.add("aloware", "1", phone="+14155552671", first_name="Ann")
    plan = world.run()
    assert plan.changes[["system", "object", "kind"]].to_numpy().tolist() == [["salesforce", "Contact", "create"]]
    assert world.value("salesforce:Contact:new-1", "phone") == "+14155552671"
    assert world.draft().changes.empty


def test_people_of_one_crm_aren_t_created_in_the_other() -> None:
    """Unless the policy's `create_from` says so: CRMs don't fill each other up."""
    world = Simulation(POLICY, nothing_known(POLICY, SCOPES))
    world.add("contact", "1", phone="+14155552671", first_name="Ann")
    assert set(world.run().changes["system"]) == {ALOWARE}
    widened = replace(world, policy=shipped_policy("first_name", "phone", "lead_status", create_from=list(CRMS)))
    assert set(widened.run().changes["system"]) == {"hubspot"}


def test_a_paused_system_isn_t_written() -> None:
    """The rest goes on."""
    world = agreeing(*SCOPES)
    world.state = replace(world.state, paused=frozenset({"hubspot"}))
    world.edit(world.ref("contact 1"), first_name="Anne")
    world.run()
    assert names(world) == ["Anne", "Ann", "Anne"]


def test_what_a_paused_system_must_be_told_isn_t_done() -> None:
    """An agent's edit waits for a paused Salesforce. Somebody edits it there meanwhile: that is a conflict, not the
    agent's edit forgotten."""
    world = agreeing(*SCOPES)
    world.state = replace(world.state, paused=frozenset({"salesforce"}))
    world.edit(world.ref("aloware 1"), first_name="Annie")
    world.run()
    assert names(world) == ["Ann", "Annie", "Annie"]
    assert world.draft().changes.empty
    world.state = replace(world.state, paused=frozenset())
    world.edit(world.ref("contact 1"), first_name="Anne")
    assert world.run().conflicts["winner"].tolist() == ["salesforce"]
    assert names(world) == ["Anne", "Anne", "Anne"]
    assert world.draft().changes.empty


def test_opening_a_scope_ends_what_was_settled_as_not_writable() -> None:
    """A blank made on purpose couldn't reach a closed Salesforce; once it is open, it does."""
    fields = dict(POLICY.fields) | {"first_name": structs.replace(POLICY.fields["first_name"], blanks="clear")}
    policy = structs.replace(POLICY, fields=fields)
    world = Simulation(policy, nothing_known(policy, ("hubspot.update",)))
    world.add("contact", "1", phone="415-555-2671", first_name="Ann")
    world.add("hubspot", "1", phone="415-555-2671", first_name="Ann")
    world.run()
    world.edit("hubspot:contacts:1", first_name=None)
    world.run()
    assert world.value("salesforce:Contact:1", "first_name") == "Ann"
    world.state = set_direction(world.state, "salesforce.update")
    world.run()
    assert world.value("salesforce:Contact:1", "first_name") == ""
