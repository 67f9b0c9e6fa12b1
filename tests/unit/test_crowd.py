"""The crowds that `make bench` measures on are what they say, and a plan for one is the plan for everybody in it."""

import pytest

from tests.bench.crowd import Shares
from tests.bench.crowd_world import CrowdWorld, think

PEOPLE = 600


@pytest.fixture(scope="module")
def world() -> CrowdWorld:
    return CrowdWorld.of(PEOPLE, Shares(edits=0.05, creates=0.02))


def test_a_crowd_that_nobody_disturbed_gives_nothing_to_do(world: CrowdWorld) -> None:
    """Everybody's number can be read and everybody is known in all three systems; a few numbers are shared."""
    made = think(world.before, world.known, world.policy)
    assert len(world.known.people) == PEOPLE
    assert made.changes.empty
    assert set(made.collisions["kind"]) == {"shared-number"}
    assert made.quarantine.empty


def test_a_disturbed_crowd_is_thought_of_in_part_and_planned_as_a_whole(world: CrowdWorld) -> None:
    """Who is left out makes no difference to what is written, nor to what is learned."""
    part, whole = (think(world.after, world.known, world.policy, everybody) for everybody in (False, True))
    assert set(part.changes["kind"]) == {"create", "update"}
    for name in ("changes", "cells", "conflicts", "collisions", "quarantine"):
        assert getattr(part, name).equals(getattr(whole, name))
    for name in ("golden", "bases", "settled", "links", "people"):
        assert getattr(part.advance, name).equals(getattr(whole.advance, name))
