"""A plan is thought in parts, by as many as there are: no share of the work shows in it (design, §10.8)."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import msgspec
import pandas as pd
import pytest

from flows.plan import intend, see
from tasks.core.deciding.lineup import line_up
from tasks.core.evidence import Evidence
from tasks.core.model import SCOPES
from tasks.core.plan import ONE_TIME
from tasks.core.planning.propose import Proposal
from tasks.core.planning.sight import Sight
from tasks.core.policy import Field
from tasks.core.run import Asked
from tasks.core.state import DECISIONS, base_columns, golden_columns
from tasks.engine import Engine
from tests.property.machine_policies import OPTED_OUT
from tests.property.simulation import STATUSES, Simulation, nothing_known, plan_of
from tests.property.worlds import POLICY, disturb, grown

SEEDS = (1, *(pytest.param(seed, marks=pytest.mark.deep) for seed in range(2, 12)))
PARTS = (2, 3, 7)
LINKS = Field(type="link", hubspot="record_url", aloware="website")
DATED = msgspec.structs.replace(POLICY.fields["first_name"], rule="recency")
RICH = msgspec.structs.replace(
    POLICY, fields=dict(POLICY.fields) | {"first_name": DATED, "no_calls": OPTED_OUT, "page": LINKS}
)


def lived_in(seed: int) -> Simulation:
    """Streets of the shipped policy, to which consent and links come later; people have disturbed everything twice, and
    have decided some names themselves."""
    dice = Random(seed)
    world = grown(dice, *SCOPES)
    world.run()
    disturb(world, dice)
    world.policy, fields = RICH, list(RICH.fields)
    fresh = nothing_known(RICH)
    state = world.state
    world.state = replace(
        state,
        golden=state.golden.reindex(columns=golden_columns(fields)).astype(fresh.golden.dtypes),
        bases=state.bases.reindex(columns=base_columns(fields)).astype(fresh.bases.dtypes),
    )
    consent(world, dice)
    world.run()
    disturb(world, dice)
    consent(world, dice)
    people = dice.sample(sorted(world.state.golden.index), 20)
    asked = [(person, "first_name", dice.choice(["Ann", "Decided"]), '{"salesforce": "Ann"}') for person in people]
    world.state = replace(world.state, decisions=pd.DataFrame(asked, columns=list(DECISIONS), dtype="str"))
    return world


def consent(world: Simulation, dice: Random) -> None:
    """Somebody says no, or takes it back, and HubSpot's pages have addresses."""
    for ref in sorted(world.records):
        if dice.random() < 0.2:
            world.edit(
                ref, no_calls=dice.choice(["true", "false"]), at=f"2026-11-22T11:{dice.randrange(60):02}:00+00:00"
            )
        if ref.startswith("hubspot"):
            world.edit(ref, page=f"https://crm.example/{ref[-5:]}")


def evidence(world: Simulation, objects: Sequence[str] = ()) -> Evidence:
    """What a run would know of that world; with `objects`, a one-time pull of those."""
    gone = {ref.split(":")[0]: {} for ref in world.gone}
    for ref, heir in world.gone.items():
        gone[ref.split(":")[0]][ref] = heir
    seen = {each.system: replace(each, gone=gone.get(each.system, {})) for each in world.snapshots()}
    asked = Asked(ONE_TIME if objects else "test", True, (), tuple(objects))
    return Evidence(world.state, world.policy, asked, STATUSES, seen)


def thought(known: Evidence, engine: Engine) -> tuple[Sight, Proposal]:
    seen = see(known, engine)
    return seen, intend(known, seen, engine)[0]


@pytest.fixture(scope="module", params=SEEDS)
def world(request: pytest.FixtureRequest) -> Simulation:
    return lived_in(request.param)


@pytest.mark.parametrize("objects", [(), ("Contact", "Lead")], ids=["run", "one-time pull"])
def test_no_share_of_the_work_shows_in_a_plan(world: Simulation, objects: tuple[str, ...]) -> None:
    """With consent, links, decisions, people who became one, and what is settled: the same plan and the same lesson."""
    known = evidence(world, objects)
    seen, whole = thought(known, Engine())
    assert len(whole.changes) > 3
    for parts in PARTS:
        again, made = thought(known, Engine(parts))
        pd.testing.assert_frame_equal(again.records, seen.records)
        for name, cells in seen.cells.items():
            pd.testing.assert_frame_equal(again.cells[name], cells)
        assert (plan_of(made).checksum, made.settled) == (plan_of(whole).checksum, whole.settled)
        assert made.initial == whole.initial
        for name, lesson in vars(whole.advance).items():
            pd.testing.assert_frame_equal(getattr(made.advance, name), lesson)


def test_a_world_that_people_lived_in_has_something_of_everything() -> None:
    """Else what the parts agree about would say little."""
    seen, whole = thought(evidence(lived_in(SEEDS[0])), Engine())
    assert len(whole.changes) > 20
    for frame in (seen.state.settled, whole.conflicts, whole.advance.decided, seen.people.absorbed):
        assert len(frame)


def test_a_part_has_its_own_people_alone(world: Simulation) -> None:
    """Every person is in one part, with nobody else's settlements and decisions: no more is sent than it takes."""
    matching, state = world.match(), world.known()
    schemas = {snapshot.system: snapshot.schema for snapshot in world.snapshots()}
    whole = line_up(matching, state, world.policy, schemas)
    parts = whole.parts(7)
    assert [person for part in parts for person in part.people] == list(whole.people)
    assert max(len(part.people) for part in parts) <= len(whole.people) / 7 + 1
    for part in parts:
        assert set(part.state.decisions["person"]) <= set(part.people)
        refs = {ref for side in part.sides.values() for ref in side.rows["ref"].dropna()}
        assert all(set(found.index) <= refs for found in part.settled.values())
        assert part.state.bases.empty
    assert len(whole.parts(10**6)) == len(whole.people), "no part is empty"
