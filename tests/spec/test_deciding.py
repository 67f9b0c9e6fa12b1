"""Deciding a value

One field of one person at a time. `base` is what a side said when it was last agreed, `now` what it says, `then` what
it will say after the run. Golden is the value that was decided; `may` says with whom it stands, and of a side what it
may not do: an `inbound` one isn't written, one with `no authority` isn't listened to.
"""

from tasks.core.model import ALOWARE, HUBSPOT, SALESFORCE, SCOPES
from tests.spec.tables import agreeing, decided


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


def test_edits_of_different_fields_don_t_meet() -> None:
    """A first name typed in Salesforce and a last name typed in HubSpot both reach everybody, without a conflict."""
    world = agreeing(*SCOPES)
    world.edit(world.ref("contact 1"), first_name="Anne")
    world.edit(world.ref("hubspot 1"), last_name="Lee")
    assert world.run().conflicts.empty
    for place in ("contact", "hubspot", "aloware"):
        ref = world.ref(f"{place} 1")
        assert (world.value(ref, "first_name"), world.value(ref, "last_name")) == ("Anne", "Lee")
