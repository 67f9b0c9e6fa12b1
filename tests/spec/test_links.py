"""Links

An agent who looks at somebody in Aloware gets to their Salesforce or HubSpot record with one click: a field of type
`link` keeps the record's address in a property of the Aloware contact that the policy chooses. It is a cell like any
other, previewed, gated, explained and taken back as they are; but nobody types it, so no rule has a say in it. Without
such a field nothing of it exists.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
import pytest
from msgspec import structs

from tasks.core.deciding import links
from tasks.core.errors import PolicyError
from tasks.core.model import SCOPES, Outcome
from tasks.core.planning.links import due
from tasks.core.policy import Field, parse
from tasks.settings import DEFAULT_POLICY
from tests.property.simulation import Simulation, nothing_known
from tests.property.worlds import shipped_policy
from tests.spec.tables import Row, decided, tabled
from tests.spec.test_undo import taken_back
from tests.spec.test_writing import stale

TO_SALESFORCE = Field(type="link", contact="record_url", lead="record_url", aloware="csf1")
TO_HUBSPOT = Field(type="link", hubspot="record_url", aloware="csf2")
NAMES = shipped_policy("first_name", "phone")
POLICY = structs.replace(NAMES, fields=dict(NAMES.fields) | {"salesforce_link": TO_SALESFORCE, "card": TO_HUBSPOT})
PHONE = "+14155552671"


def at(record: str) -> str:
    return f"https://crm.example/{record.replace(' ', '/')}"


def fields(_: Row) -> Iterator[Field]:
    yield TO_SALESFORCE


def linked(*records: str) -> Simulation:
    """Ann in those records and in Aloware, after a run."""
    world = Simulation(POLICY, nothing_known(POLICY))
    for place, record_id in (record.split() for record in records):
        name = "card" if place == "hubspot" else "salesforce_link"
        world.add(place, record_id, 0, phone=PHONE, first_name="Ann", **{name: at(f"{place} {record_id}")})
    world.add("aloware", "1", phone=PHONE, first_name="Ann")
    world.run()
    assert world.draft().changes.empty
    return world


def link(world: Simulation, name: str = "salesforce_link") -> str | None:
    return world.value(world.ref("aloware 1"), name)


@tabled(links, fields)
def test_a_link_in_one_table() -> None:
    """What becomes of it."""


def test_a_contact_leads_to_its_records() -> None:
    """Each CRM's address has a field of its own; the next plan is empty."""
    world = linked("contact 1", "hubspot 1")
    assert (link(world), link(world, "card")) == (at("contact 1"), at("hubspot 1"))


def test_a_new_contact_has_its_links_from_the_start() -> None:
    """Whom Tandem creates in Aloware is created with them."""
    world = Simulation(POLICY, nothing_known(POLICY))
    world.add("contact", "1", phone=PHONE, first_name="Ann", salesforce_link=at("contact 1"))
    (row,) = world.run().cells.query("field == 'salesforce_link'").itertuples()
    assert (row.property, row.after) == ("csf1", at("contact 1"))
    assert world.draft().changes.empty


@decided(type="link", contact="record_url", aloware="csf1")
def test_an_agent_s_edit_of_a_link_is_drift() -> None:
    """It is written back, and reaches no CRM.

    | side       | may          | base | now | then | why       |
    | ---------- | ------------ | ---- | --- | ---- | --------- |
    | golden     |              | A    |     | A    | unchanged |
    | salesforce | inbound      | A    | A   | A    |           |
    | hubspot    |              | -    | -   | -    |           |
    | aloware    | no authority | A    | X   | A    |           |
    """


@decided(type="link", contact="record_url", aloware="csf1", drift="keep")
def test_drift_that_the_policy_keeps_is_kept_in_links_too() -> None:
    """Until another record speaks.

    | side       | may          | base | now | then | why        |
    | ---------- | ------------ | ---- | --- | ---- | ---------- |
    | golden     |              | A    |     | A    | unchanged  |
    | salesforce | inbound      | A    | A   | A    |            |
    | aloware    | no authority | A    | X   | X    | kept drift |

    | side       | may          | base | now | then | why  |
    | ---------- | ------------ | ---- | --- | ---- | ---- |
    | golden     |              | A    |     | B    | link |
    | salesforce | inbound      | A    | B   | B    |      |
    | aloware    | no authority | A    | X   | B    |      |
    """


def test_nothing_of_a_link_flows_to_a_crm() -> None:
    """With every scope two-way, an agent's text in that field is nobody's word in Salesforce or HubSpot."""
    world = linked("contact 1", "hubspot 1")
    world.state = replace(world.state, directions=dict.fromkeys(SCOPES, "two-way"))
    world.edit(world.ref("aloware 1"), salesforce_link="call her mother", card="")
    plan = world.run()
    assert plan.changes[["system", "rule"]].to_numpy().tolist() == [["aloware", "drift"]]
    assert (link(world), link(world, "card")) == (at("contact 1"), at("hubspot 1"))


def test_a_converted_lead_s_link_leads_to_the_contact() -> None:
    """Nobody typed it, so it is no conflict."""
    world = linked("lead 1")
    world.add("contact", "1", phone=PHONE, first_name="Ann", salesforce_link=at("contact 1"))
    world.convert(world.ref("lead 1"), world.ref("contact 1"))
    plan = world.run()
    assert (link(world), len(plan.conflicts), len(world.draft().changes)) == (at("contact 1"), 0, 0)


def test_a_merged_record_s_link_leads_to_its_master() -> None:
    """A master that was there already, or, as HubSpot does, a record under a new id."""
    world = linked("contact 1", "contact 2", "hubspot 1")
    assert link(world) == at("contact 1")
    world.delete(world.ref("contact 1"), merged_into=world.ref("contact 2"))
    world.add("hubspot", "9", phone=PHONE, first_name="Ann", card=at("hubspot 9"))
    world.delete(world.ref("hubspot 1"), merged_into=world.ref("hubspot 9"))
    plan = world.run()
    assert (link(world), link(world, "card")) == (at("contact 2"), at("hubspot 9"))
    assert (len(plan.conflicts), len(world.draft().changes)) == (0, 0)


def test_a_link_follows_who_speaks() -> None:
    """A Contact takes over from a Lead with the same number, by priority."""
    world = linked("lead 1")
    world.add("contact", "1", phone=PHONE, first_name="Ann", salesforce_link=at("contact 1"))
    plan = world.run()
    assert (link(world), len(plan.conflicts)) == (at("contact 1"), 0)


def test_the_link_to_a_deleted_record_stays() -> None:
    """Aloware can't blank a field; and an agent who blanks or changes it is not argued with."""
    world = linked("contact 1")
    world.delete(world.ref("contact 1"))
    assert (world.run().changes.empty, link(world)) == (True, at("contact 1"))
    world.edit(world.ref("aloware 1"), salesforce_link="gone")
    assert world.run().changes.empty


def test_a_link_that_was_taken_back_is_not_written_again() -> None:
    """After an undo the field says what it said, until another record speaks."""
    world = linked("lead 1")
    world.add("contact", "1", phone=PHONE, first_name="Ann", salesforce_link=at("contact 1"))
    taken_back(world, world.run())
    assert (link(world), world.draft().changes.empty) == (at("lead 1"), True)


def test_a_plan_to_link_is_stale_once_the_record_is_gone() -> None:
    """Nobody is led to a record that was deleted between plan and write."""
    world = linked("lead 1")
    contact = world.add("contact", "1", phone=PHONE, first_name="Ann", salesforce_link=at("contact 1"))
    plan = world.draft()
    assert stale(world, plan) == set()
    world.delete(contact)
    assert ("aloware", "salesforce_link") in stale(world, plan)


def test_a_record_that_tandem_creates_is_linked_by_the_next_run() -> None:
    """Its address isn't known before it is there, and no plan can promise it: the run doesn't call itself converged."""
    world = Simulation(POLICY, nothing_known(POLICY, ("salesforce.create",)))
    world.add("aloware", "1", phone=PHONE, first_name="Ann")
    plan = world.run()
    created = plan.changes.query("system == 'salesforce'")
    assert (created["kind"].tolist(), link(world)) == (["create"], None)
    outcomes = pd.DataFrame({"outcome": "applied"}, index=plan.cells.index)
    assert due(plan, outcomes, POLICY)
    assert not due(plan, outcomes, NAMES)
    world.records["salesforce:Contact:new-1"]["record_url"] = at("contact new-1")
    assert world.run().cells["after"].tolist() == [at("contact new-1")]
    assert world.draft().changes.empty


def test_a_link_that_failed_is_planned_again() -> None:
    """Like any other cell."""
    world = linked("lead 1")
    world.add("contact", "1", phone=PHONE, first_name="Ann", salesforce_link=at("contact 1"))
    plan = world.draft()
    world.apply(plan, dict.fromkeys(plan.changes["id"], Outcome.FAILED))
    world.run()
    assert link(world) == at("contact 1")


@pytest.mark.parametrize(
    ("keys", "word"),
    [
        ({"contact": "Website"}, 'set contact = "record_url"'),
        ({"contact": "record_url", "hubspot": "record_url"}, "one CRM"),
        ({"contact": "record_url", "aloware": None}, "one CRM"),
        ({"contact": "record_url", "rule": "hold"}, "sets rule"),
    ],
)
def test_what_a_link_can_t_be(keys: dict[str, str | None], word: str) -> None:
    """It leads from Aloware to the records of one CRM, by no rule."""
    document = tomllib.loads(DEFAULT_POLICY.read_text(encoding="utf-8"))
    asked = {"type": "link", "aloware": "csf1"} | keys
    document["fields"]["card"] = {key: value for key, value in asked.items() if value is not None}
    with pytest.raises(PolicyError, match=word):
        parse(document)
