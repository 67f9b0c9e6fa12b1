"""Blanks

What an empty value means is the policy's to say, field by field: `ignore` (the default), `fill-only` or `clear`.
"""

from tests.spec.tables import decided


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


@decided(blanks="clear", rule="rank")
def test_under_rank_a_blank_doesn_t_outrank_a_value() -> None:
    """The highest side that says something wins.

    | side       | base | now   | then | why      |
    | ---------- | ---- | ----- | ---- | -------- |
    | golden     | Ann  |       | Ann  | conflict |
    | salesforce | Ann  | blank | Ann  |          |
    | hubspot    | Ann  | Ann   | Ann  |          |
    """
