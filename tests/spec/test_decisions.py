"""What a person decides

An answer to a conflict is an edit with an author: it stands above every rule of the policy, reaches every side that may
be written, and nobody who lost comes back with what they said then. It is taken into account by the next run.
"""

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from functools import cache

import pandas as pd
from msgspec import structs

from tasks.core.model import SCOPES, Outcome
from tasks.core.plan import Plan
from tasks.core.policy import Policy
from tasks.core.state import DECISIONS
from tests.property.simulation import Simulation, nothing_known
from tests.property.worlds import shipped_policy
from tests.spec.tables import decided

PLACES = ("contact 1", "hubspot 1", "aloware 1")
NAMES = shipped_policy("first_name", "email", "phone")
PHONE, ONE, TWO = "+14155552671", "+14155552672", "+14155552673"


def ruled(field: str = "first_name", policy: Policy = NAMES, **rule: str) -> Policy:
    """The policy with another rule for that field."""
    fields = dict(policy.fields) | {field: structs.replace(policy.fields[field], **rule)}
    return structs.replace(policy, fields=fields)


def agreeing(policy: Policy = NAMES) -> Simulation:
    """Ann, about whom all three agree, every scope two-way."""
    world = deepcopy(_agreed())
    world.policy = policy
    return world


@cache
def _agreed() -> Simulation:
    world = Simulation(NAMES, nothing_known(NAMES, SCOPES))
    for place in PLACES:
        world.add(*place.split(), phone=PHONE, first_name="Ann")
    world.run()
    return world


def edit(world: Simulation, place: str, value: str, field: str = "first_name") -> None:
    world.edit(world.ref(place), **{field: value})


def in_conflict(policy: Policy = NAMES) -> Simulation:
    """Two people typed two names."""
    world = agreeing(policy)
    edit(world, "contact 1", "Anne")
    edit(world, "hubspot 1", "Annie")
    return world


def decide(world: Simulation, value: str, conflict: pd.DataFrame | None = None) -> None:
    """Somebody answers the one conflict there is, as the next plan would tell it, or as that plan told it."""
    (asked,) = (world.draft().conflicts if conflict is None else conflict).to_dict("records")
    row = pd.DataFrame([[asked["person"], asked["field"], value, asked["sides"]]], columns=list(DECISIONS), dtype="str")
    world.state = replace(world.state, decisions=pd.concat([world.state.decisions, row], ignore_index=True))


def says(world: Simulation, field: str = "first_name") -> list[str | None]:
    return [world.value(world.ref(place), field) for place in PLACES]


def ends(plan: Plan) -> list[str]:
    """How decisions end with that plan."""
    return list(plan.advance.decided["ending"])


@decided(rule="hold")
def test_what_a_person_decided_goes_to_every_side() -> None:
    """The conflict waited for it. Nobody wins and nobody loses: the person saw what was said.

    | side       | decided | base | now   | then  | why      |
    | ---------- | ------- | ---- | ----- | ----- | -------- |
    | golden     | Annie   | Ann  |       | Annie | decision |
    | salesforce |         | Ann  | Anne  | Annie |          |
    | hubspot    |         | Ann  | Annie | Annie |          |
    | aloware    |         | Ann  | Ann   | Annie |          |
    """


@decided(blanks="fill-only")
def test_it_goes_to_sides_that_were_left_alone_before() -> None:
    """Where a difference was accepted, or only blanks are filled, a person's word is written all the same.

    | side       | decided | may          | base  | now   | known   | then  | why      |
    | ---------- | ------- | ------------ | ----- | ----- | ------- | ----- | -------- |
    | golden     | Ann     |              | Ann   |       |         | Ann   | decision |
    | salesforce |         |              | blank | blank | settled | Ann   |          |
    | hubspot    |         | inbound      | Ann   | Anne  |         | Anne  |          |
    | aloware    |         | no authority | Ann   | Annie |         | Ann   |          |
    """


@decided(blanks="clear")
def test_a_blank_may_be_decided_where_blanks_count() -> None:
    """Golden is blank on purpose then; what can't be blanked keeps its value, and that is accepted.

    | side       | decided | base | now   | then  | why               |
    | ---------- | ------- | ---- | ----- | ----- | ----------------- |
    | golden     | blank   | Ann  |       | blank | decision          |
    | salesforce |         | Ann  | Anne  | blank |                   |
    | hubspot    |         | Ann  | Annie | blank |                   |
    | aloware    |         | Ann  | Ann   | Ann   | cannot be cleared |
    """


@decided(type="consent")
def test_a_yes_may_be_decided_and_a_no_may_not() -> None:
    """A person's yes goes over a no that was said before; nobody's consent is withdrawn by Tandem, so no command takes
    such an answer.

    | side       | decided | base | now   | then | why      |
    | ---------- | ------- | ---- | ----- | ---- | -------- |
    | golden     | true    | true |       | true | decision |
    | salesforce |         | true | false | true |          |
    | aloware    |         | true | true  | true |          |
    """


def test_the_loser_doesn_t_win_one_run_later() -> None:
    """Whatever the rule: all say what was decided, and the next plan is empty."""
    for rule in ("priority", "recency", "rank", "hold"):
        world = in_conflict(ruled(rule=rule))
        decide(world, "Nan")
        plan = world.run()
        assert (says(world), ends(plan), len(plan.conflicts)) == (["Nan"] * 3, ["taken"], 0), rule
        assert world.state.decisions.empty
        assert world.state.golden["first_name_from"].tolist() == ["decision"]
        after = world.draft()
        assert (len(after.changes), len(after.conflicts)) == (0, 0), rule


def test_what_a_rule_chose_already_can_be_decided_otherwise() -> None:
    """Salesforce won by priority and everybody was told; the person prefers what HubSpot had said."""
    world = in_conflict()
    conflicts = world.run().conflicts
    assert says(world) == ["Anne"] * 3
    decide(world, "Annie", conflicts)
    world.run()
    assert says(world) == ["Annie"] * 3
    assert world.draft().changes.empty


def test_who_joins_later_doesn_t_beat_it_and_an_edit_does() -> None:
    """A Contact made afterwards is told what was decided; what somebody types afterwards is an edit like any other."""
    world = Simulation(NAMES, nothing_known(NAMES, SCOPES))
    for place in PLACES[1:]:
        world.add(*place.split(), phone=PHONE, first_name="Ann")
    world.run()
    edit(world, "hubspot 1", "Annie")
    edit(world, "aloware 1", "Anna")
    decide(world, "Annie")
    world.run()
    world.add("contact", "1", phone=PHONE, first_name="Anne")
    world.run()
    assert says(world) == ["Annie"] * 3
    edit(world, "aloware 1", "Nan")
    world.run()
    assert says(world) == ["Nan"] * 3


def test_it_waits_until_every_side_was_told() -> None:
    """HubSpot doesn't answer: the decision is taken again, and completed, by the run after."""
    world = in_conflict(ruled(rule="hold"))
    decide(world, "Nan")
    plan = world.draft()
    failing = plan.changes.loc[plan.changes["system"] == "hubspot", "id"].iloc[0]
    result = world.apply(plan, {failing: Outcome.FAILED})
    assert result.advance.decided.empty
    assert (says(world), len(world.state.decisions)) == (["Nan", "Annie", "Nan"], 1)
    assert ends(world.run()) == ["taken"]
    assert says(world) == ["Nan"] * 3


def test_a_paused_side_is_told_when_it_takes_part_again() -> None:
    """Until then the decision isn't completed."""
    world = in_conflict(ruled(rule="hold"))
    decide(world, "Nan")
    world.state = replace(world.state, paused=frozenset({"hubspot"}))
    world.run()
    assert (says(world), len(world.state.decisions)) == (["Nan", "Annie", "Nan"], 1)
    world.state = replace(world.state, paused=frozenset())
    world.run()
    assert (says(world), len(world.state.decisions)) == (["Nan"] * 3, 0)


def test_a_side_that_is_disconnected_is_told_when_it_comes_back() -> None:
    """What it said in the conflict is no edit then."""
    world = in_conflict(ruled(rule="hold"))
    decide(world, "Nan")
    there = world.state.connected
    world.state = replace(world.state, connected=there - {"hubspot"})
    world.apply(world.draft([snapshot for snapshot in world.snapshots() if snapshot.system != "hubspot"]))
    assert says(world) == ["Nan", "Annie", "Nan"]
    world.state = replace(world.state, connected=there)
    world.run()
    assert (says(world), len(world.state.decisions)) == (["Nan"] * 3, 0)


def test_a_value_that_nobody_had_seen_overtakes_it() -> None:
    """Somebody types yet another name before the run: the decision ends, with that word, and the rule decides."""
    world = in_conflict()
    decide(world, "Annie")
    edit(world, "contact 1", "Anni")
    plan = world.run()
    assert (ends(plan), len(plan.conflicts)) == (["overtaken"], 1)
    assert says(world) == ["Anni"] * 3
    assert world.state.decisions.empty


def test_drift_and_blanks_overtake_nothing() -> None:
    """What somebody types without authority, or empties where a blank is no edit, isn't news to the decision."""
    world = in_conflict(ruled(direction="inbound"))
    decide(world, "Annie")
    edit(world, "aloware 1", "Drifted")
    edit(world, "contact 1", "")
    assert ends(world.run()) == ["taken"]
    assert world.value(world.ref("aloware 1"), "first_name") == "Annie"


def number_of(world: Simulation) -> Mapping[str, str]:
    """The one person's match key, and the number of their Aloware contact that speaks."""
    links = world.state.links
    speaking = links[(links["system"] == "aloware") & (links["role"] == "representative")]
    return {"key": world.state.people["key"].item(), "aloware": str(world.value(speaking.index[0], "phone"))}


def test_a_number_that_was_decided_is_the_person_s() -> None:
    """Two people corrected one number differently. Whether it waits or a rule chose already: the person goes by the
    number that was decided, in Aloware, too, and nothing is left to do."""
    for rule, before_it in (("hold", 0), ("priority", 0), ("priority", 1)):
        world = agreeing(ruled("phone", rule=rule))
        edit(world, "contact 1", ONE, "phone")
        edit(world, "hubspot 1", TWO, "phone")
        conflicts = world.draft().conflicts
        for _ in range(before_it):
            world.run()
        decide(world, TWO, conflicts)
        assert ends(world.run()) == ["taken"]
        assert number_of(world) == {"key": TWO, "aloware": TWO}, rule
        assert says(world, "phone")[:2] == [TWO, TWO]
        world.run()
        assert world.draft().changes.empty, rule


def test_a_number_that_somebody_else_holds_can_t_be_given_by_deciding() -> None:
    """The collision is reported and nothing is written; the decision waits until the number is free."""
    world = agreeing(ruled("phone", rule="hold"))
    edit(world, "contact 1", ONE, "phone")
    edit(world, "hubspot 1", TWO, "phone")
    conflicts = world.draft().conflicts
    world.add("contact", "2", phone=TWO, first_name="Bob")
    world.run()
    decide(world, TWO, conflicts)
    plan = world.run()
    assert (ends(plan), list(plan.collisions["kind"])) == ([], ["number-taken"])
    assert json.loads(world.state.decisions["sides"].item())["hubspot"] == TWO
    assert says(world, "phone")[:2] == [ONE, TWO]
