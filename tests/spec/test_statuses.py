"""Statuses

HubSpot's Lead Status and Aloware's contact disposition are one field. The list is HubSpot's; Aloware knows its entries
by number: here 1 is NEW and 3 is OPEN.
"""

from tests.property.simulation import Simulation
from tests.spec.tables import agreeing, decided


def statuses(world: Simulation) -> tuple[str | None, str | None]:
    """What HubSpot and Aloware show."""
    return world.value(world.ref("hubspot 1"), "lead_status"), world.value(world.ref("aloware 1"), "lead_status")


@decided()
def test_one_way_an_agent_s_pick_is_drift() -> None:
    """Until `hubspot.disposition` is two-way HubSpot's status is restored.

    | side       | may          | base | now  | then | why       |
    | ---------- | ------------ | ---- | ---- | ---- | --------- |
    | golden     | hubspot      | NEW  |      | NEW  | unchanged |
    | hubspot    | inbound      | NEW  | NEW  | NEW  |           |
    | aloware    | no authority | NEW  | OPEN | NEW  |           |
    """


def test_a_status_reaches_aloware_as_its_disposition() -> None:
    """What is OPEN in HubSpot is number 3 in Aloware."""
    world = agreeing()
    world.edit(world.ref("hubspot 1"), lead_status="OPEN")
    world.run()
    assert statuses(world) == ("OPEN", "3")


def test_two_way_an_agent_s_pick_flows_back() -> None:
    """With the scope open, number 3 becomes OPEN."""
    world = agreeing("hubspot.disposition")
    world.edit(world.ref("aloware 1"), lead_status="3")
    world.run()
    assert statuses(world) == ("OPEN", "3")


def test_other_scopes_don_t_open_the_status() -> None:
    """Neither updates of HubSpot contacts nor those of Salesforce give a pick authority."""
    world = agreeing("hubspot.update", "salesforce.update")
    world.edit(world.ref("aloware 1"), lead_status="3")
    world.run()
    assert statuses(world) == ("NEW", "1")


def test_a_disposition_that_hubspot_doesn_t_know_is_refused_loudly() -> None:
    """It is listed as a write that would fail, and never attempted."""
    world = agreeing("hubspot.disposition")
    world.edit(world.ref("aloware 1"), lead_status="7")
    plan = world.run()
    assert plan.changes.empty
    assert plan.refused[["system", "field", "reason"]].to_numpy().tolist() == [
        ["hubspot", "lead_status", "not one of the property's options"]
    ]
    assert statuses(world) == ("NEW", "7")


def test_a_status_that_aloware_has_no_disposition_for_is_refused_loudly() -> None:
    """Aloware keeps what it has, and the plan says why."""
    world = agreeing()
    world.edit(world.ref("hubspot 1"), lead_status="LOST")
    plan = world.run()
    assert plan.refused[["system", "field", "reason"]].to_numpy().tolist() == [
        ["aloware", "lead_status", "the system has no value for this status"]
    ]
    assert statuses(world) == ("LOST", "1")
