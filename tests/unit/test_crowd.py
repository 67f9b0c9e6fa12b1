"""The crowds that `make bench` measures on are what they say, and a plan for one is the plan for everybody in it."""

from dataclasses import replace
from pathlib import Path

import pytest

from flows.plan import see
from tasks.core.evidence import Evidence
from tasks.core.model import ALOWARE, CRMS, reference
from tasks.core.run import Asked
from tasks.core.state import SHADOW
from tests.bench.agreement import compared
from tests.bench.crowd import Shares
from tests.bench.crowd_home import AFTER, BEFORE, news, touched
from tests.bench.crowd_world import CrowdWorld, think
from tests.bench.measuring import Row
from tests.bench.sameness import WAYS, thoughts
from tests.bench.table import goals, shown, unmeasured
from tests.bench.verbs import Split
from tests.property.simulation import STATUSES, plan_of

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


def test_what_is_planned_for_a_crowd_is_what_the_naive_rules_say_of_a_sample(world: CrowdWorld) -> None:
    """Who they are, what everything becomes and what is written; and a plan that leaves out one write is another's."""
    plan = plan_of(think(world.after, world.known, world.policy))
    found = compared(world, plan)
    assert found.disagreements == {}
    assert found.cells > 2_000
    lacking = replace(plan, changes=plan.changes[1:], cells=plan.cells[plan.cells["change"] != plan.changes["id"][0]])
    assert set(compared(world, lacking).disagreements) == {"writes"}


def test_a_home_tells_the_next_run_as_many_changes_as_it_was_asked_for(world: CrowdWorld) -> None:
    """Edits and new people in proportion; Aloware lists everybody."""
    told = {snapshot.system: snapshot for snapshot in news(world.before, world.after, changes=30)}
    few = {system: sum(map(len, told[system].frames.values())) for system in CRMS}
    assert all(5 <= records <= 16 for records in few.values())
    assert len(told[ALOWARE].frames["contacts"]) == PEOPLE
    assert 5 <= len(touched(told[ALOWARE].frames["contacts"])) <= 16


def test_the_floor_finds_the_records_that_were_edited(world: CrowdWorld, tmp_path: Path) -> None:
    """And those that are in a shadow, for nobody remembers what they say; nothing is spelt otherwise."""
    pytest.importorskip("duckdb", reason="only the bench needs it")
    from tests.bench.stage_full import floor_of, shelved

    home, base = shelved(world, tmp_path)
    before, after = (set(floor_of(home, run, base).run()["ref"]) for run in (BEFORE, AFTER))
    edited = {
        reference(seen.system, name, record_id)
        for seen in world.after
        for name, frame in seen.frames.items()
        for record_id in touched(frame)["record_id"]
    }
    assert before == set(world.known.links.index[world.known.links["role"] == SHADOW])
    assert after == before | edited


@pytest.mark.deep
def test_a_crowd_comes_to_one_plan_in_every_way(world: CrowdWorld, tmp_path: Path) -> None:
    """Thought here and by Dask, from all records and from those that changed."""
    found = list(thoughts(tmp_path, world, PEOPLE // 10))
    assert {(each.mode, each.engine) for each in found} == set(WAYS)
    assert len({each.checksum for each in found}) == 1
    assert all(each.changes for each in found)


def test_below_a_run_stands_where_its_time_went(world: CrowdWorld) -> None:
    """Verb by verb, and what is done beside them; all told, what the run took."""
    known = Evidence(world.known, world.policy, Asked("test"), STATUSES, {seen.system: seen for seen in world.after})
    split = Split(lambda: see(known))
    split()
    rows = list(split.rows(Row("a plan", PEOPLE, split.took, 1), "the rest"))
    assert {"· normalise", "· stir", "· match", "· line_up", "· diff", "· the rest"} == {row.name for row in rows}
    assert sum(row.seconds for row in rows) == pytest.approx(split.took, abs=0.001)


def test_a_row_of_the_bench_says_its_goals_and_whether_it_meets_them() -> None:
    """What has no goal says nothing."""
    assert list(goals(Row("plan, full", 1_000_000, 9.0, 5_000, "the floor", 2.9))) == [
        "≤ 3 × met",
        "≤ 4,096 MB NOT MET",
    ]
    assert list(goals(Row("the floor", 1_000_000, 3.0, 2_000))) == []


def test_below_the_table_stands_why_a_goal_is_missed(capsys: pytest.CaptureFixture[str]) -> None:
    """Of those that are met nothing is said."""
    shown("1 person", [Row("plan, full", 1, 9.0, 5_000, "the floor", 2.9), Row("phones, cold", 1, 9.0, 1)])
    told = capsys.readouterr().out
    assert "plan, full, beside the floor: the floor reads files and joins." in told
    shown("1 person", [Row("plan, full", 1, 9.0, 4_000, "the floor", 2.9)])
    assert "beside the floor" not in capsys.readouterr().out


def test_a_goal_whose_stage_is_not_measured_is_missed() -> None:
    """Stages are renamed; a goal that no row meets would be met by nobody's noticing."""
    assert "plan, full beside the floor" in unmeasured([])
    assert "plan, full beside the floor" not in unmeasured([Row("plan, full", 1, 1.0, 1, "the floor", 2.9)])
