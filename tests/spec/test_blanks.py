"""Blanks

What an empty value means is the policy's to say, field by field: `ignore` (the default), `fill-only` or `clear`.
"""

from tasks.core.model import SCOPES
from tests.spec.tables import agreeing, decided


@decided()
def test_a_blank_is_no_edit() -> None:
    """Somebody empties a field: nothing is erased elsewhere, and it isn't refilled against their will either.

    | side       | base | now   | then  | why        |
    | ---------- | ---- | ----- | ----- | ---------- |
    | golden     | Ann  |       | Ann   | unchanged  |
    | salesforce | Ann  | Ann   | Ann   |            |
    | hubspot    | Ann  | blank | blank | left blank |
    | aloware    | Ann  | Ann   | Ann   |            |
    """


@decided()
def test_what_was_left_blank_stays_so() -> None:
    """The next run knows of it.

    | side       | base  | now   | known   | then  | why       |
    | ---------- | ----- | ----- | ------- | ----- | --------- |
    | golden     | Ann   |       |         | Ann   | unchanged |
    | salesforce | Ann   | Ann   |         | Ann   |           |
    | hubspot    | blank | blank | settled | blank |           |
    """


@decided()
def test_a_blank_is_refilled_when_golden_moves() -> None:
    """A new value is news to the side that was emptied, too.

    | side       | base  | now   | known   | then | why  |
    | ---------- | ----- | ----- | ------- | ---- | ---- |
    | golden     | Ann   |       |         | Anne | edit |
    | salesforce | Ann   | Anne  |         | Anne |      |
    | hubspot    | blank | blank | settled | Anne |      |
    """


@decided()
def test_a_blank_that_nobody_made_is_filled() -> None:
    """A side that never had a value gets it as soon as it may be written.

    | side       | base  | now   | then | why       |
    | ---------- | ----- | ----- | ---- | --------- |
    | golden     | Ann   |       | Ann  | unchanged |
    | salesforce | Ann   | Ann   | Ann  |           |
    | hubspot    | blank | blank | Ann  |           |
    """


@decided()
def test_a_blank_joiner_is_filled() -> None:
    """A newly linked record with nothing to say learns what is known.

    | side       | base | now   | then | why       |
    | ---------- | ---- | ----- | ---- | --------- |
    | golden     | Ann  |       | Ann  | unchanged |
    | salesforce | Ann  | Ann   | Ann  |           |
    | hubspot    | -    | blank | Ann  |           |
    """


@decided()
def test_a_blank_loses_against_an_edit() -> None:
    """One side is emptied while another gets a new value: the value wins, and nobody lost anything.

    | side       | base | now   | then | why  |
    | ---------- | ---- | ----- | ---- | ---- |
    | golden     | Ann  |       | Anne | edit |
    | salesforce | Ann  | blank | Anne |      |
    | hubspot    | Ann  | Anne  | Anne |      |
    """


@decided()
def test_a_blank_without_authority_is_drift() -> None:
    """An agent who empties what isn't theirs finds it restored.

    | side       | may          | base | now   | then | why       |
    | ---------- | ------------ | ---- | ----- | ---- | --------- |
    | golden     |              | Ann  |       | Ann  | unchanged |
    | salesforce | inbound      | Ann  | Ann   | Ann  |           |
    | aloware    | no authority | Ann  | blank | Ann  |           |
    """


@decided()
def test_a_blank_in_a_closed_crm_is_left_alone_too() -> None:
    """Whoever empties a field there isn't overruled on the day its scope is opened.

    | side       | may     | base | now   | then  | why        |
    | ---------- | ------- | ---- | ----- | ----- | ---------- |
    | golden     |         | Ann  |       | Ann   | unchanged  |
    | salesforce | inbound | Ann  | blank | blank | left blank |
    | aloware    |         | Ann  | Ann   | Ann   |            |

    | side       | base  | now   | known   | then  | why       |
    | ---------- | ----- | ----- | ------- | ----- | --------- |
    | golden     | Ann   |       |         | Ann   | unchanged |
    | salesforce | blank | blank | settled | blank |           |
    | aloware    | Ann   | Ann   |         | Ann   |           |
    """


@decided(drift="keep")
def test_a_blank_without_authority_may_be_kept_as_drift_is() -> None:
    """With `drift = "keep"` the agent's blank stays.

    | side       | may          | base | now   | then  | why        |
    | ---------- | ------------ | ---- | ----- | ----- | ---------- |
    | golden     |              | Ann  |       | Ann   | unchanged  |
    | salesforce | inbound      | Ann  | Ann   | Ann   |            |
    | aloware    | no authority | Ann  | blank | blank | kept drift |
    """


def test_a_blank_that_was_filled_and_made_again_is_judged_anew() -> None:
    """What was settled ends when the value moves; it doesn't stand again because the value comes back."""
    world = agreeing(*SCOPES)
    hubspot = world.ref("hubspot 1")
    world.edit(hubspot, first_name=None)
    world.run()
    assert world.state.settled["reason"].tolist() == ["left blank"]
    world.edit(hubspot, first_name="Ann")
    world.run()
    assert world.state.settled.empty
    world.edit(hubspot, first_name=None)
    assert (world.run().settled, world.value(hubspot, "first_name")) == (1, None)


def test_a_settlement_ends_with_what_was_decided_even_if_that_comes_back() -> None:
    """HubSpot's blank was left while Ann was her name. She becomes Anne, and Ann again: HubSpot is told both times."""
    world = agreeing(*SCOPES)
    hubspot, contact = world.ref("hubspot 1"), world.ref("contact 1")
    world.edit(hubspot, first_name=None)
    world.run()
    for name in ("Anne", "Ann"):
        world.edit(contact, first_name=name)
        world.run()
        assert world.value(hubspot, "first_name") == name
    assert world.state.settled.empty


@decided(blanks="fill-only")
def test_fill_only_writes_where_there_is_nothing() -> None:
    """An edit reaches the sides that are blank; the others keep what they have.

    | side       | base  | now   | then | why  |
    | ---------- | ----- | ----- | ---- | ---- |
    | golden     | Ann   |       | Anne | edit |
    | salesforce | Ann   | Anne  | Anne |      |
    | hubspot    | Ann   | Ann   | Ann  |      |
    | aloware    | blank | blank | Anne |      |
    """


@decided(blanks="clear")
def test_clear_makes_a_blank_a_value() -> None:
    """Where the policy says so, emptying a field empties it everywhere, except in Aloware, which can't be emptied.

    | side       | base | now   | then  | why               |
    | ---------- | ---- | ----- | ----- | ----------------- |
    | golden     | Ann  |       | blank | edit              |
    | salesforce | Ann  | blank | blank |                   |
    | hubspot    | Ann  | Ann   | blank |                   |
    | aloware    | Ann  | Ann   | Ann   | cannot be cleared |
    """


@decided(blanks="clear")
def test_a_golden_made_blank_leaves_in_peace_what_it_can_t_write() -> None:
    """The side that isn't written keeps its value, and that is no longer a difference to be told every day.

    | side       | may     | base | now   | then  | why          |
    | ---------- | ------- | ---- | ----- | ----- | ------------ |
    | golden     |         | Ann  |       | blank | edit         |
    | salesforce | inbound | Ann  | Ann   | Ann   | not writable |
    | hubspot    |         | Ann  | blank | blank |              |
    """


@decided(blanks="clear")
def test_only_an_edit_fills_what_was_made_blank() -> None:
    """A golden that somebody emptied is a value: a joiner doesn't fill it.

    | side       | may        | base  | now   | then  | why      |
    | ---------- | ---------- | ----- | ----- | ----- | -------- |
    | golden     | salesforce | blank |       | blank | conflict |
    | salesforce |            | blank | blank | blank |          |
    | hubspot    |            | -     | Ann   | blank |          |
    """


@decided(blanks="clear")
def test_a_paused_system_is_told_of_a_blank_later() -> None:
    """It isn't one that can't be written: nothing is settled, and the decision waits for it.

    | side       | may    | base | now   | then  | why  |
    | ---------- | ------ | ---- | ----- | ----- | ---- |
    | golden     |        | Ann  |       | blank | edit |
    | salesforce | paused | Ann  | Ann   | Ann   |      |
    | hubspot    |        | Ann  | blank | blank |      |
    """


@decided(blanks="clear", rule="rank")
def test_under_rank_a_blank_doesn_t_outrank_a_value() -> None:
    """The highest side that says something wins.

    | side       | base | now   | then | why      |
    | ---------- | ---- | ----- | ---- | -------- |
    | golden     | Ann  |       | Ann  | conflict |
    | salesforce | Ann  | blank | Ann  |          |
    | hubspot    | Ann  | Ann   | Ann  |          |
    """
