"""What must hold of who is who, of every plan, and of runs that nothing disturbs, in whatever small world."""

from dataclasses import replace
from itertools import chain
from random import Random

import pandas as pd
import pytest

from tasks.core.model import ALOWARE, SCOPES, Snapshot
from tasks.core.plan import Plan
from tasks.core.state import REPRESENTATIVE, RETIRED, TOMBSTONE
from tests.property.worlds import Stage, grown, story

SEEDS = (1, 2, 3)


@pytest.fixture(scope="module")
def stages() -> list[Stage]:
    """Every run of every story."""
    return [stage for seed in SEEDS for stage in story(seed)]


def test_a_number_belongs_to_one_person(stages: list[Stage]) -> None:
    """No two people hold one key, and every record's person is known."""
    for stage in stages:
        people = stage.matching.people
        assert not people["key"].dropna().duplicated().any()
        assert set(stage.matching.records["person"]) <= set(people.index)


def test_a_person_has_one_voice_in_a_system(stages: list[Stage]) -> None:
    """At most one representative per person and system."""
    for stage in stages:
        speaking = stage.matching.records[stage.matching.records["role"] == REPRESENTATIVE]
        assert not speaking.duplicated(["person", "system"]).any()


def test_every_record_has_exactly_one_fate(stages: list[Stage]) -> None:
    """Placed with a person, quarantined, retired, or ended: never two of them, never none."""
    for stage in stages:
        links = pd.concat([stage.known.links, stage.matching.links])
        role = links[~links.index.duplicated(keep="last")]["role"]
        lost = stage.matching.quarantine.query("reason == 'no valid phone number, and no e-mail match'")
        fates = chain(
            stage.matching.records.index,
            lost["system"] + ":" + lost["object"] + ":" + lost["record_id"],
            (ref for ref in role.index[role == RETIRED] if ref in stage.records),
            (ref for ref, row in stage.records.items() if row["converted_to"] is not None),
        )
        assert sorted(fates) == sorted(stage.records)
        assert not set(role.index[role == TOMBSTONE]) & set(stage.matching.records.index)


def test_who_turned_out_to_be_somebody_else_is_gone(stages: list[Stage]) -> None:
    """They hold no number and have no record; nobody is left without one who does."""
    for stage in stages:
        absorbed = stage.matching.absorbed
        assert not set(absorbed.index) & set(stage.matching.people.index)
        assert set(absorbed) <= set(stage.matching.people.index)
        assert set(stage.learned.links["person"]) <= set(stage.matching.people.index)
        assert set(stage.learned.people["key"].dropna().index) == set(stage.matching.people.index)
    assert any(len(stage.matching.absorbed) for stage in stages)


def test_a_number_is_somebody_s_key_as_long_as_the_ledger_says(stages: list[Stage]) -> None:
    """The periods that are going on are those of the keys that people have."""
    for stage in stages:
        periods = stage.learned.numbers.query("kind == 'key' and until.isna()")
        assert periods.set_index("person")["number"].to_dict() == stage.matching.people["key"].to_dict()
        assert not periods["number"].duplicated().any()


def test_aloware_never_gets_a_second_contact_for_a_number(stages: list[Stage]) -> None:
    """Nothing is created for a number that Aloware has, and no number is created twice."""
    for stage in stages:
        births = stage.plan.changes.query("system == @ALOWARE and kind == 'create'")["phone"]
        assert not births.duplicated().any()
        assert not set(births) & stage.numbers_in_aloware()


def test_after_a_whole_run_nothing_is_left_to_do(stages: list[Stage]) -> None:
    """Without edits and faults the next plan has no changes, but for those whose e-mail address was just released.

    A write that takes an address from one of two people ends a collision, or makes the address lead to somebody: what
    that makes possible is the next run's.
    """
    for stage in stages:
        left = stage.next.changes[~stage.next.changes["person"].isin(stage.people_of_released_addresses())]
        assert left.empty, stage.next.cells.to_string()


def test_who_is_left_out_makes_no_difference(stages: list[Stage]) -> None:
    """A run that looks at everybody comes to the same plan, and learns the same; and some people are left out."""
    for stage in stages:
        assert (stage.plan.checksum, stage.plan.settled) == (stage.whole.checksum, stage.whole.settled)
        for name, frame in vars(stage.plan.advance).items():
            pd.testing.assert_frame_equal(frame, vars(stage.whole.advance)[name], check_like=True)
    assert any(stage.left_out for stage in stages)


def test_a_blank_never_erases(stages: list[Stage]) -> None:
    """Under the shipped policy nothing is ever written blank, and no golden value becomes blank."""
    for stage in stages:
        assert (stage.plan.cells["after"].fillna("") != "").all()
        assert not (stage.plan.advance.golden == "").any(axis=None)


def test_an_inbound_scope_is_never_planned(stages: list[Stage]) -> None:
    """What may not be written isn't in any plan: by kind of change, by system, and by field for Lead Status."""
    for stage in stages:
        two_way = {scope for scope, direction in stage.known.directions.items() if direction == "two-way"}
        assert scopes_of(stage.plan) <= two_way


def scopes_of(plan: Plan) -> set[str]:
    """The scopes under which a plan would write CRMs."""
    change = plan.changes.set_index("id")
    system, kind = plan.cells["change"].map(change["system"]), plan.cells["change"].map(change["kind"])
    status = (plan.cells["field"] == "lead_status") & (kind == "update")
    return set((system + "." + kind).mask(status, "hubspot.disposition")[system != ALOWARE])


def test_the_order_of_rows_and_systems_changes_nothing() -> None:
    """Same content, same plan down to the checksum, and the same lesson."""
    seed = SEEDS[0]
    world = grown(Random(seed), *SCOPES)
    one, other = world.draft(), world.draft(shuffled(world.snapshots(), seed))
    assert one.checksum == other.checksum
    for name in ("links", "people", "golden", "bases", "settled"):
        pd.testing.assert_frame_equal(getattr(one.advance, name), getattr(other.advance, name), check_like=True)


def shuffled(snapshots: list[Snapshot], seed: int) -> list[Snapshot]:
    """The same records in another order of systems, objects and rows."""
    mixed = [
        replace(snapshot, frames={n: f.sample(frac=1, random_state=seed) for n, f in [*snapshot.frames.items()][::-1]})
        for snapshot in snapshots
    ]
    return Random(seed).sample(mixed, len(mixed))


def test_an_edit_reaches_every_side_that_may_be_written() -> None:
    """With everything two-way, what is typed into a speaking record is on all of the person's one run later."""
    dice = Random(SEEDS[0])
    world = grown(dice, *SCOPES)
    world.run()
    world.run()  # an address that the first run made unambiguous lets a record without a number join in the second
    speaking = world.match().records.query("role == @REPRESENTATIVE").sort_index()
    in_a_crm = speaking.loc[speaking["system"] != ALOWARE, "person"]
    voices = {person: dice.choice(list(refs)) for person, refs in speaking.groupby("person").groups.items()}
    edited = [person for person in voices if person in set(in_a_crm)]
    for person in edited:
        world.edit(voices[person], first_name=f"New {person}")
    world.run()
    for ref, person in speaking.loc[speaking["person"].isin(edited), "person"].items():
        assert world.value(str(ref), "first_name") == f"New {person}"
