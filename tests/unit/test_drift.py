"""The drift alarm counts what departs by why it does, and what is settled by its reason."""

from collections.abc import Collection
from dataclasses import replace

import pandas as pd
import pytest
from msgspec import structs

from flows.plan import intend, see
from tasks.core.evidence import Evidence
from tasks.core.explaining.drift import Alarm, alarm
from tasks.core.model import SCOPES, Snapshot
from tasks.core.plan import Verdict
from tasks.core.planning.apply import LEFT_OUT
from tasks.core.planning.sight import Thought
from tasks.core.run import Asked
from tasks.core.state import NOT_TAKEN, SETTLED
from tests.property.simulation import STATUSES, Simulation
from tests.spec.tables import agreeing
from tests.unit.ledgers import table


def look(world: Simulation, unsettled: Collection[str] = ()) -> Alarm:
    """What a whole look at that world raises."""
    snapshots = {snapshot.system: _with_gone(snapshot, world) for snapshot in world.snapshots()}
    evidence = Evidence(world.state, world.policy, Asked("verify"), STATUSES, snapshots)
    seen = see(evidence)
    proposal, decisions = intend(evidence, seen)
    return alarm(Thought(evidence, seen, decisions, proposal, Verdict()), unsettled)


def _with_gone(snapshot: Snapshot, world: Simulation) -> Snapshot:
    mine = {ref: heir for ref, heir in world.gone.items() if ref.startswith(snapshot.system)}
    return replace(snapshot, gone=mine)


def rows(frame: pd.DataFrame) -> list[tuple[str | int, ...]]:
    return [tuple(row) for row in frame.itertuples(index=False, name=None)]


def deviations(world: Simulation, unsettled: Collection[str] = ()) -> list[tuple[str | int, ...]]:
    return rows(look(world, unsettled).deviations)


def test_a_world_that_agrees_departs_in_nothing() -> None:
    assert deviations(agreeing(*SCOPES)) == []


def test_an_edit_is_counted_where_it_has_to_go() -> None:
    """Once for each side that doesn't have it yet."""
    world = agreeing(*SCOPES)
    world.edit(world.ref("contact 1"), first_name="Anne")
    assert deviations(world) == [
        ("not carried yet", "hubspot", "first_name", 1),
        ("not carried yet", "aloware", "first_name", 1),
    ]


def test_an_agents_edit_without_authority_is_drift() -> None:
    world = agreeing()
    world.edit(world.ref("aloware 1"), first_name="Typed")
    assert deviations(world) == [("drift", "aloware", "first_name", 1)]


def test_the_write_of_an_interrupted_run_is_nobodys_edit_yet() -> None:
    world = agreeing()
    world.edit(world.ref("aloware 1"), first_name="Typed")
    assert deviations(world, [world.ref("aloware 1")]) == [("write of an interrupted run", "aloware", "first_name", 1)]


def test_what_a_system_acknowledged_and_did_not_take_did_not_stick() -> None:
    """It is written again, and is no edit that waits to be carried."""
    world = agreeing(*SCOPES)
    world.edit(world.ref("contact 1"), first_name="Anne")
    row = (world.ref("hubspot 1"), "first_name", "Anne", "Ann", NOT_TAKEN)
    world.state = replace(world.state, settled=table(SETTLED, [row]))
    assert ("didn't stick", "hubspot", "first_name", 1) in deviations(world)


def test_records_that_are_missing_and_records_that_went_are_counted() -> None:
    world = agreeing(*SCOPES)
    world.add("contact", "2", phone="+14155552672", first_name="Ben")
    world.delete(world.ref("hubspot 1"))
    assert deviations(world) == [("record missing", "aloware", "", 1), ("record gone", "hubspot", "", 1)]


def test_a_conflict_that_is_left_to_a_person_waits() -> None:
    world = agreeing(*SCOPES)
    held = structs.replace(world.policy.fields["first_name"], rule="hold")
    world.policy = structs.replace(world.policy, fields={**world.policy.fields, "first_name": held})
    world.edit(world.ref("contact 1"), first_name="Anne")
    world.edit(world.ref("hubspot 1"), first_name="Annie")
    assert deviations(world) == [("waits for a decision", "", "first_name", 1)]


@pytest.mark.parametrize("typed", [None, ""])
def test_what_is_settled_is_told_with_its_reason_and_is_no_deviation(typed: str | None) -> None:
    world = agreeing(*SCOPES)
    world.edit(world.ref("aloware 1"), first_name=typed)
    found = look(world)
    assert rows(found.deviations) == []
    assert rows(found.settled) == [("aloware", "first_name", "left blank", 1)]


@pytest.mark.parametrize(
    ("reason", "told"),
    [("parked: " + LEFT_OUT, LEFT_OUT), ("parked: FIELD_INTEGRITY_EXCEPTION: too long", "parked")],
)
def test_what_a_person_left_out_is_told_apart_from_what_a_system_refused(reason: str, told: str) -> None:
    world = agreeing(*SCOPES)
    row = (world.ref("hubspot 1"), "first_name", "Ann", "Ann", reason)
    world.state = replace(world.state, settled=table(SETTLED, [row]))
    assert rows(look(world).settled) == [("hubspot", "first_name", told, 1)]
