"""Deciding a value

One field of one person at a time. `base` is what a side said when it was last agreed, `now` what it says, `then` what
it will say after the run. Golden is the value that was decided; `may` says with whom it stands, and of a side what it
may not do: an `inbound` one isn't written, one with `no authority` isn't listened to.
"""

from collections.abc import Iterator
from dataclasses import replace

from msgspec import structs

from tasks.core.deciding import resolve
from tasks.core.model import ALOWARE, HUBSPOT, SALESFORCE, SCOPES
from tasks.core.policy import Field
from tests.property.simulation import Simulation, nothing_known
from tests.property.worlds import shipped_policy
from tests.spec.tables import Row, agreeing, decided, tabled

NAMES = shipped_policy("first_name", "email", "phone")
HELD = structs.replace(NAMES.fields["first_name"], rule="hold")
HOLDING = structs.replace(NAMES, fields=dict(NAMES.fields) | {"first_name": HELD})
PLACES = ("contact", "hubspot", "aloware")

RULES, BLANKS = ("priority", "recency", "rank", "hold"), ("ignore", "fill-only", "clear")


def fields(row: Row) -> Iterator[Field]:
    """The fields that a row of the table is about: where it names no rule, or nothing of blanks, it is about all."""
    named = row["rule"].split(", ")
    for rule in [rule for rule in RULES if rule in named] or RULES:
        for blanks in [blanks for blanks in BLANKS if blanks in named] or BLANKS:
            yield Field(rule=rule, blanks=blanks)


@tabled(resolve, fields)
def test_the_whole_of_it_in_one_table() -> None:
    """Every situation at a glance; the paragraphs below tell them one by one. The table stands beside its code."""


@decided()
def test_without_an_edit_nothing_happens() -> None:
    """Everybody says what was last agreed: nothing is decided and nothing is written.

    | side       | base | now | then | why       |
    | ---------- | ---- | --- | ---- | --------- |
    | golden     | Ann  |     | Ann  | unchanged |
    | salesforce | Ann  | Ann | Ann  |           |
    | hubspot    | Ann  | Ann | Ann  |           |
    | aloware    | Ann  | Ann | Ann  |           |
    """


@decided()
def test_one_edit_reaches_everybody() -> None:
    """A side that departs from its own base has been edited, and its value goes to all.

    | side       | base | now  | then | why  |
    | ---------- | ---- | ---- | ---- | ---- |
    | golden     | Ann  |      | Anne | edit |
    | salesforce | Ann  | Ann  | Anne |      |
    | hubspot    | Ann  | Anne | Anne |      |
    | aloware    | Ann  | Ann  | Anne |      |
    """


@decided()
def test_one_edit_made_in_two_places_is_one_edit() -> None:
    """Several sides with one new value agree; nobody loses.

    | side       | base | now  | then | why  |
    | ---------- | ---- | ---- | ---- | ---- |
    | golden     | Ann  |      | Anne | edit |
    | salesforce | Ann  | Anne | Anne |      |
    | hubspot    | Ann  | Anne | Anne |      |
    | aloware    | Ann  | Ann  | Anne |      |
    """


@decided()
def test_two_edits_of_one_field_are_a_conflict() -> None:
    """The rule `priority` picks the survivor: Salesforce, then HubSpot, then Aloware. The loser is recorded.

    | side       | base | now   | then | why      |
    | ---------- | ---- | ----- | ---- | -------- |
    | golden     | Ann  |       | Anne | conflict |
    | salesforce | Ann  | Ann   | Anne |          |
    | hubspot    | Ann  | Anne  | Anne |          |
    | aloware    | Ann  | Annie | Anne |          |
    """


@decided(order=("aloware", "hubspot", "salesforce"))
def test_the_policy_orders_the_sides() -> None:
    """A field with an order of its own follows it.

    | side       | base | now   | then  | why      |
    | ---------- | ---- | ----- | ----- | -------- |
    | golden     | Ann  |       | Annie | conflict |
    | salesforce | Ann  | Ann   | Annie |          |
    | hubspot    | Ann  | Anne  | Annie |          |
    | aloware    | Ann  | Annie | Annie |          |
    """


@decided(rule="rank")
def test_rank_lets_the_highest_side_win_whether_it_was_edited_or_not() -> None:
    """Under `rank` HubSpot's edit is overruled by what Salesforce says anyway, and recorded as the loser.

    | side       | base | now  | then | why      |
    | ---------- | ---- | ---- | ---- | -------- |
    | golden     | Ann  |      | Ann  | conflict |
    | salesforce | Ann  | Ann  | Ann  |          |
    | hubspot    | Ann  | Anne | Ann  |          |
    | aloware    | Ann  | Ann  | Ann  |          |
    """


@decided(rule="rank")
def test_a_vendor_s_default_outranks_nobody() -> None:
    """What a system put into a record by itself is nobody's word, whatever its rank.

    | side       | base | now  | known          | then | why  |
    | ---------- | ---- | ---- | -------------- | ---- | ---- |
    | golden     | Ann  |      |                | Anne | edit |
    | salesforce | None | None | vendor default | Anne |      |
    | hubspot    | Ann  | Anne |                | Anne |      |
    """


@decided(rule="rank")
def test_rank_needs_no_edit() -> None:
    """The policy's rule became `rank` after HubSpot's word had been taken: what Salesforce says counts from now on.

    | side       | may     | base | now  | then | why  |
    | ---------- | ------- | ---- | ---- | ---- | ---- |
    | golden     | hubspot | Ann  |      | Anne | rank |
    | salesforce | inbound | Anne | Anne | Anne |      |
    | hubspot    |         | Ann  | Ann  | Anne |      |
    | aloware    |         | Ann  | Ann  | Anne |      |
    """


@decided(rule="rank")
def test_a_settled_value_ranks_as_what_was_decided() -> None:
    """Salesforce writes names its own way, which was accepted; HubSpot's edit still loses, and nobody is rewritten.

    | side       | base | now | known   | then | why      |
    | ---------- | ---- | --- | ------- | ---- | -------- |
    | golden     | Ann  |     |         | Ann  | conflict |
    | salesforce | ANN  | ANN | settled | ANN  |          |
    | hubspot    | Ann  | Bob |         | Ann  |          |
    """


@decided(rule="recency")
def test_recency_lets_the_newest_edit_win() -> None:
    """`at` is the minute in which it was typed, as far as the system tells: HubSpot's history of the property, or when
    somebody else than Tandem last touched the Salesforce record.

    | side       | base | now   | at | then  | why      |
    | ---------- | ---- | ----- | -- | ----- | -------- |
    | golden     | Ann  |       |    | Annie | conflict |
    | salesforce | Ann  | Anne  | 1  | Annie |          |
    | hubspot    | Ann  | Annie | 9  | Annie |          |
    | aloware    | Ann  | Ann   |    | Annie |          |
    """


@decided(rule="recency")
def test_recency_waits_where_times_don_t_tell() -> None:
    """Nobody knows when the agent typed it; or both did within two minutes, and clocks differ. It waits for a person.

    | side       | base | now   | at | then  | why      |
    | ---------- | ---- | ----- | -- | ----- | -------- |
    | golden     | Ann  |       |    | Ann   | conflict |
    | hubspot    | Ann  | Anne  | 9  | Anne  |          |
    | aloware    | Ann  | Annie |    | Annie |          |

    | side       | base | now   | at | then  | why      |
    | ---------- | ---- | ----- | -- | ----- | -------- |
    | golden     | Ann  |       |    | Ann   | conflict |
    | salesforce | Ann  | Anne  | 7  | Anne  |          |
    | hubspot    | Ann  | Annie | 9  | Annie |          |
    | aloware    | Ann  | Ann   |    | Ann   |          |
    """


@decided(rule="hold")
def test_hold_leaves_a_conflict_to_a_person() -> None:
    """Nothing is written, not even to the side that nobody edited. It stays an open conflict until it is decided.

    | side       | base | now   | then  | why      |
    | ---------- | ---- | ----- | ----- | -------- |
    | golden     | Ann  |       | Ann   | conflict |
    | salesforce | Ann  | Anne  | Anne  |          |
    | hubspot    | Ann  | Annie | Annie |          |
    | aloware    | Ann  | Bob   | Bob   |          |
    """


@decided(rule="hold")
def test_hold_holds_a_joiner_that_differs_too() -> None:
    """Whether the new record or what was decided is right is for a person to say. A first sight is no conflict of that
    kind: nothing was decided yet, and the order believes the highest side.

    | side       | base | now  | then | why      |
    | ---------- | ---- | ---- | ---- | -------- |
    | golden     | Ann  |      | Ann  | conflict |
    | salesforce | Ann  | Ann  | Ann  |          |
    | hubspot    | -    | Anne | Anne |          |

    | side       | base | now  | then | why      |
    | ---------- | ---- | ---- | ---- | -------- |
    | golden     | -    |      | Ann  | conflict |
    | salesforce | -    | Ann  | Ann  |          |
    | hubspot    | -    | Anne | Ann  |          |
    """


@decided()
def test_at_first_sight_the_highest_side_is_believed() -> None:
    """Nobody has decided yet: the first in the order that says something wins; who says otherwise loses aloud.

    | side       | base | now   | then | why      |
    | ---------- | ---- | ----- | ---- | -------- |
    | golden     | -    |       | Anne | conflict |
    | salesforce | -    | blank | Anne |          |
    | hubspot    | -    | Anne  | Anne |          |
    | aloware    | -    | Annie | Anne |          |
    """


@decided()
def test_a_side_without_authority_may_fill_what_nobody_decided() -> None:
    """Before any decision even Aloware's unauthorised word is better than none.

    | side       | may          | base | now   | then  | why  |
    | ---------- | ------------ | ---- | ----- | ----- | ---- |
    | golden     |              | -    |       | Annie | fill |
    | salesforce |              | -    | blank | Annie |      |
    | aloware    | no authority | -    | Annie | Annie |      |
    """


@decided()
def test_a_side_that_joins_hasn_t_edited_anything() -> None:
    """A newly linked record doesn't beat a golden value of higher standing; that it differed is recorded.

    | side       | may        | base | now  | then | why      |
    | ---------- | ---------- | ---- | ---- | ---- | -------- |
    | golden     | salesforce | Ann  |      | Ann  | conflict |
    | salesforce |            | Ann  | Ann  | Ann  |          |
    | hubspot    |            | -    | Anne | Ann  |          |
    """


@decided()
def test_a_joiner_with_priority_wins_over_golden() -> None:
    """Golden stands with the side that gave it; a higher one that joins takes its place.

    | side       | may     | base | now  | then | why      |
    | ---------- | ------- | ---- | ---- | ---- | -------- |
    | golden     | hubspot | Ann  |      | Anne | conflict |
    | salesforce |         | -    | Anne | Anne |          |
    | hubspot    |         | Ann  | Ann  | Anne |          |
    """


@decided()
def test_no_joiner_beats_what_a_person_decided() -> None:
    """A decision stands above every order.

    | side       | may      | base | now  | then | why      |
    | ---------- | -------- | ---- | ---- | ---- | -------- |
    | golden     | decision | Ann  |      | Ann  | conflict |
    | salesforce |          | -    | Anne | Ann  |          |
    | hubspot    |          | Ann  | Ann  | Ann  |          |
    """


@decided()
def test_a_real_edit_beats_a_joiner() -> None:
    """Somebody typed HubSpot's value; nobody was seen typing Salesforce's.

    | side       | base | now   | then | why      |
    | ---------- | ---- | ----- | ---- | -------- |
    | golden     | Ann  |       | Anne | conflict |
    | salesforce | -    | Annie | Anne |          |
    | hubspot    | Ann  | Anne  | Anne |          |
    """


@decided()
def test_a_settled_difference_stays() -> None:
    """A difference that was accepted is neither an edit nor a change, until golden or the value moves.

    | side       | base | now | known   | then | why       |
    | ---------- | ---- | --- | ------- | ---- | --------- |
    | golden     | Ann  |     |         | Ann  | unchanged |
    | salesforce | ANN  | ANN | settled | ANN  |           |
    | hubspot    | Ann  | Ann |         | Ann  |           |
    """


@decided()
def test_a_settlement_ends_when_golden_moves() -> None:
    """The accepted difference was about the old value.

    | side       | base | now  | known   | then | why  |
    | ---------- | ---- | ---- | ------- | ---- | ---- |
    | golden     | Ann  |      |         | Anne | edit |
    | salesforce | ANN  | ANN  | settled | Anne |      |
    | hubspot    | Ann  | Anne |         | Anne |      |
    """


def test_the_loser_of_a_conflict_doesn_t_win_a_run_later() -> None:
    """Both sides are edited, Salesforce wins; when nothing more happens, the next run finds nothing to do."""
    world = agreeing(*SCOPES)
    world.edit(world.ref("contact 1"), first_name="Anne")
    world.edit(world.ref("hubspot 1"), first_name="Annie")
    plan = world.run()
    assert dict(plan.conflicts.iloc[0][["field", "winner", "rule"]]) == {
        "field": "first_name",
        "winner": SALESFORCE,
        "rule": "priority",
    }
    assert {world.value(world.ref(f"{place} 1"), "first_name") for place in ("contact", HUBSPOT, ALOWARE)} == {"Anne"}
    later = world.draft()
    assert (len(later.changes), len(later.conflicts)) == (0, 0)


def test_what_is_held_waits_and_the_rest_flows() -> None:
    """Two first names are held, run after run; the e-mail address typed beside them is carried. When the two sides come
    to agree there is nothing left to decide."""
    world = Simulation(HOLDING, nothing_known(HOLDING, SCOPES))
    for place in PLACES:
        world.add(place, "1", phone="+14155552671", first_name="Ann", email="ann@example.com")
    world.run()
    world.edit(world.ref("contact 1"), first_name="Anne", email="anne@example.com")
    world.edit(world.ref("hubspot 1"), first_name="Annie")
    for _ in range(2):
        held = world.run().conflicts
        assert held[["field", "rule"]].to_numpy().tolist() == [["first_name", "hold"]]
        assert held["winner"].isna().all()
        assert [world.value(world.ref(f"{place} 1"), "first_name") for place in PLACES] == ["Anne", "Annie", "Ann"]
        assert [world.value(world.ref(f"{place} 1"), "email") for place in PLACES] == ["anne@example.com"] * 3
    world.edit(world.ref("contact 1"), first_name="Annie")
    assert world.run().conflicts.empty
    assert [world.value(world.ref(f"{place} 1"), "first_name") for place in PLACES] == ["Annie"] * 3


def test_what_is_held_isn_t_told_to_a_new_record() -> None:
    """Aloware learns of Ann while her name is in dispute: the new contact has none yet."""
    world = Simulation(HOLDING, nothing_known(HOLDING, SCOPES))
    for place in ("contact", "hubspot"):
        world.add(place, "1", phone="+14155552671", first_name="Ann", email="ann@example.com")
    world.state = replace(world.state, paused=frozenset({ALOWARE}))
    world.run()
    world.edit(world.ref("contact 1"), first_name="Anne")
    world.edit(world.ref("hubspot 1"), first_name="Annie")
    world.state = replace(world.state, paused=frozenset())
    plan = world.run()
    assert plan.changes[["system", "kind"]].to_numpy().tolist() == [["aloware", "create"]]
    assert "first_name" not in set(plan.cells["field"])


def test_a_field_mapped_to_another_property_joins() -> None:
    """The policy takes HubSpot's name from another property: that isn't an edit of everybody's name. What differs is
    recorded, and what was decided stays; the next edit there counts."""
    world = agreeing(*SCOPES)
    nicknames = structs.replace(world.policy.fields["first_name"], hubspot="nickname")
    world.policy = structs.replace(world.policy, fields=dict(world.policy.fields) | {"first_name": nicknames})
    world.records[world.ref("hubspot 1")]["nickname"] = "Annie"
    assert world.run().conflicts["winner"].tolist() == ["golden"]
    assert [world.value(world.ref(f"{place} 1"), "first_name") for place in PLACES] == ["Ann"] * 3
    world.edit(world.ref("hubspot 1"), first_name="Nan")
    world.run()
    assert [world.value(world.ref(f"{place} 1"), "first_name") for place in PLACES] == ["Nan"] * 3


def test_edits_of_different_fields_don_t_meet() -> None:
    """A first name typed in Salesforce and a last name typed in HubSpot both reach everybody, without a conflict."""
    world = agreeing(*SCOPES)
    world.edit(world.ref("contact 1"), first_name="Anne")
    world.edit(world.ref("hubspot 1"), last_name="Lee")
    assert world.run().conflicts.empty
    for place in ("contact", "hubspot", "aloware"):
        ref = world.ref(f"{place} 1")
        assert (world.value(ref, "first_name"), world.value(ref, "last_name")) == ("Anne", "Lee")
