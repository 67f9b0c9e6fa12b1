"""The four rules: of several sides that say different things, whose word survives (design, "deciding a value").

`priority` and `rank` know an order, `recency` knows times, `hold` knows nothing and waits for a person.
"""

from datetime import timedelta

import numpy as np
import pandas as pd

from tasks.core.deciding.recency import newest
from tasks.core.deciding.sides import NEVER, Array, Opinion, Sides, differs, leftmost, pick
from tasks.core.policy import Field


def first_sight(sides: Sides) -> Opinion:
    """No golden yet: authority first, in the rule's order; a side without it may only fill a blank.

    What says what its base says is our own echo, of a run that didn't come to its end: it counts where nobody else
    has authority.
    """
    authority = sides.says & sides.speaks
    words = authority & ~(sides.has_base & (sides.value == sides.base))
    strong = np.where(words.any(axis=1)[:, None], words, authority)
    winner = leftmost(strong)
    conflict = (winner >= 0) & differs(sides.value, strong, pick(sides.value, winner))
    found = np.where(winner >= 0, winner, leftmost(sides.says))
    return Opinion(found, conflict, np.zeros_like(conflict), np.ones_like(conflict))


def edited(sides: Sides, field: Field) -> Array:
    """Departures from base that count: a blank only where the policy says so."""
    return sides.moved if field.blanks == "clear" else sides.moved & ~sides.blank


def of_edits(sides: Sides, field: Field, golden: Array, tolerance: timedelta) -> Opinion:
    """One distinct edited value wins; of several, the rule's survivor. Joiners lose against any edit, except by rank.

    Where nothing was decided yet it is a first sight, unless two people typed different things and order doesn't count.
    """
    edits = edited(sides, field)
    winner = leftmost(edits)
    any_edit = winner >= 0
    several = any_edit & differs(sides.value, edits, pick(sides.value, winner))
    decides, waits = any_edit & pd.notna(golden), np.zeros_like(several)
    if field.rule == "rank":
        winner = np.where(any_edit, _highest(sides, golden, edits, winner), -1)
    elif field.rule in ("recency", "hold"):
        winner = np.where(several, _newest(sides.value, sides.edited_at, edits, field, tolerance), winner)
        decides, waits = decides | several, several & (winner < 0)
    after = np.where(winner >= 0, pick(sides.value, winner), golden)
    return Opinion(winner, any_edit & differs(sides.value, edits | sides.joins, after), waits, decides)


def of_joins(sides: Sides, field: Field, golden: Array, standing: Array, tolerance: timedelta) -> Opinion:
    """Sides without a base, against a golden that stands with whom it came from. On a tie golden stays.

    A golden that was made blank is a value that only an edit fills, and no joiner beats a person's decision.
    """
    open_ = (golden != "") & (standing >= 0)
    above = sides.joins & (np.arange(len(sides.order))[None, :] < standing[:, None])
    contested = differs(sides.value, sides.joins, golden)
    winner = np.where(open_, leftmost(above), -1)
    waits = np.zeros_like(contested)
    if field.rule == "rank":
        winner = np.where(open_, _ranked(sides, golden, above), -1)
    elif field.rule in ("recency", "hold"):
        disputed = open_ & contested
        chosen = _against_golden(sides, field, golden, standing, tolerance)
        waits = disputed & (chosen < 0)
        winner = np.where(disputed, np.where(chosen < len(sides.order), chosen, -1), winner)
    after = np.where(winner >= 0, pick(sides.value, winner), golden)
    return Opinion(winner, differs(sides.value, sides.joins, after) | contested, waits, np.ones_like(waits))


def _newest(values: Array, at: Array, rivals: Array, field: Field, tolerance: timedelta) -> Array:
    """The survivor under `recency`; nobody under `hold`."""
    return newest(values, at, rivals, tolerance) if field.rule == "recency" else np.full(len(values), -1)


def _highest(sides: Sides, golden: Array, edits: Array, otherwise: Array) -> Array:
    """By rank the highest side that says something wins, edited or not; -1 where its word counts as golden's."""
    top = leftmost(sides.says & sides.speaks)
    settled = pick((sides.accepted == golden[:, None]) & ~edits, top).astype(bool)
    return np.where(top < 0, otherwise, np.where(settled, -1, top))


def _ranked(sides: Sides, golden: Array, above: Array) -> Array:
    """Without an edit: the highest side where it says something else than golden, or joins above who gave it."""
    top = leftmost(sides.says & sides.speaks)
    news = (pick(sides.value, top) != golden) & (pick(sides.accepted, top) != golden)
    return np.where((top >= 0) & (news | pick(above, top).astype(bool)), top, -1)


def _against_golden(sides: Sides, field: Field, golden: Array, standing: Array, tolerance: timedelta) -> Array:
    """Joiners and golden as rivals, golden in the last column: as old as the value of the side that it stands with."""
    at = np.column_stack([sides.edited_at, np.full(len(golden), NEVER)])
    gave = np.minimum(standing, len(sides.order) - 1)
    holds = (standing < len(sides.order)) & (pick(sides.value, gave) == golden)
    at[:, -1] = np.where(holds, pick(sides.edited_at, gave), NEVER)
    rivals = np.column_stack([sides.joins & (sides.value != golden[:, None]), np.ones(len(golden), dtype=bool)])
    return _newest(np.column_stack([sides.value, golden]), at, rivals, field, tolerance)
