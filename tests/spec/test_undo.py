"""Taking back

A run is taken back by a plan of its own: what it wrote, and what is still there, goes back to what it replaced, and
golden with it. Every side of such a field is then taken as it is, and what differs from golden stays different, settled
as `undone`: the next run doesn't do it again. What can't be had back is listed with the reason.

The plan goes through the same gate: the undo of a mass change is one itself, and waits for a person. It waits whole:
half of it would be done again by the next run.
"""

from dataclasses import replace

import pandas as pd
from msgspec import structs

from tasks.core.evidence import Evidence
from tasks.core.model import SCOPES, Outcome
from tasks.core.normalise import normalise
from tasks.core.plan import UNDO, Breaker, Plan, Verdict
from tasks.core.planning import remainder, staleness, undo, undone
from tasks.core.planning.past import past
from tasks.core.policy import Field
from tasks.core.run import Asked
from tests.property.simulation import NOON, STATUSES, Simulation, nothing_known, plan_of
from tests.property.worlds import shipped_policy
from tests.spec.tables import agreeing

ANN = "salesforce:Contact:1"
PHONE = "+14155552671"


def planned(world: Simulation, run: Plan) -> Plan:
    """The plan that takes that run back."""
    snapshots = {snapshot.system: snapshot for snapshot in world.snapshots()}
    evidence = Evidence(world.state, world.policy, Asked(UNDO), STATUSES, snapshots)
    records = normalise(list(snapshots.values()), world.policy, STATUSES)
    sent = run.cells.merge(run.changes, left_on="change", right_on="id")[["change", "property", "record_id"]]
    endings = pd.DataFrame({"outcome": Outcome.APPLIED.value}, index=run.cells.index)
    was = past(run, endings, sent.fillna("new-1"))
    proposal = undo.propose(was, evidence, records)
    return replace(plan_of(undone.learn(proposal, was, evidence, records)), mode=UNDO)


def taken_back(world: Simulation, run: Plan) -> Plan:
    """The same, carried out."""
    plan = planned(world, run)
    world.apply(plan)
    return plan


def renamed(world: Simulation, record: str = "contact 1", name: str = "Bad") -> Plan:
    """Somebody types a name into a record, and a run carries it."""
    world.edit(world.ref(record), first_name=name)
    return world.run()


def names(world: Simulation) -> list[str | None]:
    return [world.value(world.ref(record), "first_name") for record in ("contact 1", "hubspot 1", "aloware 1")]


def reasons(plan: Plan) -> list[tuple[str, str]]:
    return list(plan.refused[["system", "reason"]].itertuples(index=False, name=None))


def test_what_we_wrote_goes_back_and_what_people_typed_stays() -> None:
    """A broken import renamed Ann in Salesforce, and a run carried that: Salesforce's value is no write of ours, be it
    two-way, and a run can't know what the import replaced. HubSpot, Aloware and golden go back; Salesforce's difference
    is settled until somebody corrects it there, or anywhere else.
    """
    world = agreeing(*SCOPES)
    plan = taken_back(world, renamed(world))
    assert names(world) == ["Bad", "Ann", "Ann"]
    assert world.state.golden.loc[ANN, ["first_name", "first_name_from"]].tolist() == ["Ann", "salesforce"]
    assert plan.advance.golden.loc[ANN, "first_name_rule"] == "undone"
    assert world.state.settled[["ref", "golden", "value", "reason"]].to_numpy().tolist() == [
        [ANN, "Ann", "Bad", "undone"]
    ]
    assert world.draft().changes.empty
    world.edit(world.ref("contact 1"), first_name="Ann")
    assert world.run().changes.empty
    assert world.state.settled.empty


def test_an_edit_after_it_flows_as_any_other() -> None:
    """What was settled is no reason to ignore what somebody types later, on whichever side."""
    for record in ("contact 1", "hubspot 1", "aloware 1"):
        world = agreeing(*SCOPES)
        taken_back(world, renamed(world))
        renamed(world, record, "Zoe")
        assert names(world) == ["Zoe", "Zoe", "Zoe"]


def test_what_somebody_typed_over_ours_stays_and_is_not_carried() -> None:
    """It is that person's, so it isn't touched. Nor is it news: it was typed over what is being taken back."""
    world = agreeing(*SCOPES)
    run = renamed(world)
    world.edit(world.ref("hubspot 1"), first_name="Cyd")
    plan = taken_back(world, run)
    assert names(world) == ["Bad", "Cyd", "Ann"]
    assert reasons(plan) == [("hubspot", "it doesn't hold that run's value any more")]
    assert world.draft().changes.empty


def test_what_was_decided_anew_since_stays() -> None:
    """A later run's decision stands on what people said after that run."""
    world = agreeing(*SCOPES)
    run = renamed(world)
    renamed(world, "hubspot 1", "Cyd")
    plan = taken_back(world, run)
    assert names(world) == ["Cyd", "Cyd", "Cyd"]
    assert plan.changes.empty
    assert plan.advance.golden.dropna(how="all").empty


def test_a_blank_that_was_filled_is_blank_again() -> None:
    """And golden is blank, as a value, where that run was the first to decide it: if it were forgotten, the next run
    would decide the same. Aloware's fields can't be blanked by its API: listed."""
    world = agreeing(*SCOPES)
    world.edit(world.ref("contact 1"), last_name="Lee")
    plan = taken_back(world, world.run())
    said = [world.value(world.ref(record), "last_name") for record in ("contact 1", "hubspot 1", "aloware 1")]
    assert said == ["Lee", "", "Lee"]
    assert reasons(plan) == [("aloware", "Aloware's API can't blank a field")]
    assert world.state.golden["last_name"][ANN] == ""
    assert world.draft().changes.empty
    world.edit(world.ref("aloware 1"), last_name="Low")
    world.run()
    assert world.value(world.ref("hubspot 1"), "last_name") == "Low"


def test_the_loser_of_a_conflict_gets_its_value_back() -> None:
    """Each side goes back to what it said, golden to what was decided before."""
    world = agreeing(*SCOPES)
    world.edit(world.ref("hubspot 1"), first_name="Cyd")
    taken_back(world, renamed(world))
    assert names(world) == ["Bad", "Cyd", "Ann"]
    assert world.state.golden["first_name"][ANN] == "Ann"
    assert world.draft().changes.empty


def test_a_value_is_still_ours_as_its_system_spells_it() -> None:
    """HubSpot writes names in capitals: that is nobody's edit."""
    world = agreeing(*SCOPES)
    world.formats["hubspot", "firstname"] = str.upper
    taken_back(world, renamed(world))
    assert names(world) == ["Bad", "ANN", "Ann"]
    assert world.draft().changes.empty


def test_an_undo_that_waits_waits_whole() -> None:
    """Golden of somebody whom no other system knows goes back, too, though nothing is written for it: not before a
    person has let the undo go."""
    world = agreeing(*SCOPES)
    plan = planned(world, renamed(world))
    breaker = Breaker("aloware.updates", 1.0, 0.3, frozenset())
    verdict = undone.whole(Verdict("hold", (breaker,)), plan)
    held = replace(plan, verdict=verdict)
    assert held.held == {"c1", "c2"}
    stale = pd.DataFrame({"outcome": "stale", "version": "v"}, index=held.cells.index)
    waits = undone.overtaken(held, stale, world.state)
    assert [ANN, "first_name"] in waits.to_numpy().tolist()
    left = remainder.remainder(held, stale)
    pd.testing.assert_frame_equal(left.advance.golden, plan.advance.golden)
    assert left.whole == plan.checksum


def test_an_undo_is_taken_back_like_any_run() -> None:
    """What it took back is written again, golden as well, and nothing is settled any more."""
    world = agreeing(*SCOPES)
    taken_back(world, taken_back(world, renamed(world)))
    assert names(world) == ["Bad", "Bad", "Bad"]
    assert world.state.golden["first_name"][ANN] == "Bad"
    assert world.state.settled.empty
    assert world.draft().changes.empty


def test_taking_back_twice_leaves_nothing_to_do() -> None:
    """The second time nothing holds that run's value any more, and what somebody typed in between is theirs to keep."""
    world = agreeing(*SCOPES)
    run = renamed(world)
    taken_back(world, run)
    world.edit(world.ref("hubspot 1"), first_name="Zoe")
    assert taken_back(world, run).changes.empty
    world.run()
    assert names(world) == ["Zoe", "Zoe", "Zoe"]


def test_a_scope_that_is_inbound_by_now_is_not_written() -> None:
    """HubSpot keeps what the run wrote, and the difference is settled: opening the scope again changes nothing."""
    world = agreeing(*SCOPES)
    run = renamed(world)
    world.state = replace(world.state, directions=dict(world.state.directions) | {"hubspot.update": "inbound"})
    plan = taken_back(world, run)
    assert names(world) == ["Bad", "Bad", "Ann"]
    assert reasons(plan) == [("hubspot", "its scope is inbound now")]
    world.state = replace(world.state, directions=dict.fromkeys(SCOPES, "two-way"))
    assert world.draft().changes.empty


def test_consent_is_never_undone() -> None:
    """Whoever doesn't want to be called is believed, whatever else of that run was wrong."""
    names = shipped_policy("first_name", "phone")
    no_calls = Field(type="consent", contact="DoNotCall", hubspot="no_calls", aloware="is_dnc")
    policy = structs.replace(names, fields=dict(names.fields) | {"no_calls": no_calls})
    world = Simulation(policy, nothing_known(policy, SCOPES))
    for place in ("contact", "hubspot", "aloware"):
        world.add(place, "1", phone=PHONE, first_name="Ann", no_calls="false")
    world.run()
    world.edit(world.ref("aloware 1"), no_calls="true")
    plan = taken_back(world, world.run())
    assert plan.changes.empty
    assert reasons(plan) == [("hubspot", "consent is never undone"), ("salesforce", "consent is never undone")]
    assert world.state.golden["no_calls"][ANN] == "true"


def test_a_number_that_moved_is_not_moved_back() -> None:
    """Its contact in Aloware can't be given another number, and calls belong to whoever had it at the time: listed,
    with what else followed the number."""
    world = agreeing(*SCOPES)
    world.edit(world.ref("contact 1"), phone="+14155552699")
    run = world.run()
    plan = taken_back(world, run)
    assert world.value(world.ref("hubspot 1"), "phone") == "+14155552699"
    assert ("hubspot", "a number that moved is not moved back") in reasons(plan)
    assert ("aloware", "Aloware's API deletes no contact") in reasons(plan)
    assert plan.changes.empty


def test_a_record_that_was_created_is_archived_if_nobody_touched_it() -> None:
    """All that it was created with is still there, and its system says that nobody modified it after us, give or take
    the policy's tolerance; a touch between plan and apply counts, too. Where creating is not allowed any more,
    archiving isn't."""
    policy = shipped_policy("first_name", "last_name", "phone")
    world = Simulation(policy, nothing_known(policy, ("salesforce.create",)))
    world.add("aloware", "1", phone=PHONE, first_name="Ann", last_name="Lee")
    run = world.run()
    made = "salesforce:Contact:new-1"
    at = pd.DataFrame({"at": pd.Series([pd.Timestamp(NOON)], index=pd.Index([made], name="ref"))})
    world.state = replace(world.state, receipts=at)
    archive = planned(world, run)
    assert archive.changes[["record_id", "kind"]].to_numpy().tolist() == [["new-1", "archive"]]
    assert archive.cells[["property", "before", "after"]].to_numpy().tolist() == [["IsDeleted", "false", "true"]]
    standing_on = staleness.references(archive)
    there = normalise(world.snapshots(), policy, STATUSES)
    assert staleness.stale_cells(archive, standing_on, there).empty
    assert staleness.already_there(archive, standing_on, there.drop(made)).tolist() == [0]
    touched = "it was changed since it was created"
    world.edit(made, at="2026-11-22T12:05:00+00:00")
    assert reasons(planned(world, run)) == [("salesforce", touched)]
    there = normalise(world.snapshots(), policy, STATUSES)
    assert staleness.stale_cells(archive, standing_on, there).tolist() == [0]
    world.edit(made, last_name="Low")
    assert reasons(planned(world, run)) == [("salesforce", touched)]
    world.state = replace(world.state, directions=dict.fromkeys(SCOPES, "inbound"))
    assert reasons(planned(world, run)) == [("salesforce", "its scope is inbound now")]
