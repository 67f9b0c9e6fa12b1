"""Deciding a value: for one field of every person at once, who wins and who must be told (design, "deciding a value").

    situation                                          golden becomes
    -------------------------------------------------  -----------------------------------------------------------
    no edit                                            unchanged
    one distinct edited value, by any number of sides  that value
    several distinct                                   the rule's survivor; the others are losers of a conflict
    no golden yet                                      the highest-priority value of those with authority; else a fill
    a side joins                                       it fills what nobody decided; else the rule; a tie leaves golden

An edit is a departure from the side's own base by a side with authority. Under blanks = "ignore" a blank is no edit and
erases nothing. `tests/property` holds this table against a second implementation, one cell at a time.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tasks.core.model import ALOWARE, SYSTEMS
from tasks.core.policy import Field
from tasks.core.state import KEPT_DRIFT, LEFT_BLANK, NOT_CLEARED, NOT_WRITABLE

Array = np.ndarray[Any, np.dtype[Any]]

DECISION = "decision"  # golden that stands with a person who decided it: no joiner beats it

UNCHANGED, EDIT, FIRST, FILL, JOIN, CONFLICT = "unchanged", "edit", "first-sight", "fill", "join", "conflict"


@dataclass(frozen=True)
class Sides:
    """The columns of one field's cells, as arrays with a column per system in the rule's order."""

    order: tuple[str, ...]
    value: Array  # object: str or None
    base: Array
    speaks: Array
    mute: Array  # values that are settled as nobody's word

    @property
    def held(self) -> Array:
        return pd.notna(self.value)

    @property
    def blank(self) -> Array:
        return np.equal(self.value, "")

    @property
    def has_base(self) -> Array:
        return pd.notna(self.base)

    @property
    def joins(self) -> Array:
        """Sides with authority and something to say that no decision has seen yet."""
        return self.held & ~self.blank & ~self.has_base & ~self.mute & self.speaks


def decide(cells: pd.DataFrame, field: Field, drift: str = "restore") -> pd.DataFrame:
    """Decide one field of every person in `cells` (columns as `diff.diff` gives them).

    Index `person`; columns `golden` and `golden_from` (after; missing = still never decided), `rule` (one of the words
    above), `winner` (system, or "golden", or missing), `conflict` (bool), `survivor` (the policy's rule), `fresh`
    (bool: the winner had no base), and for each system s: `s_write` (bool: bring it to golden) and `s_settle` (why its
    difference is accepted, or missing).
    """
    sides = _sides(cells, field)
    golden, golden_from = _array(cells["golden"]), _array(cells["golden_from"])
    never = pd.isna(golden)
    standing = _standing(golden_from, sides.order)

    first = _first_sight(sides)
    edit = _edits(sides, field)
    join = _joins(sides, golden, standing)

    edited = ~never & (edit.winner >= 0)
    joined = ~never & ~edited & (join.winner >= 0)
    winner = np.select([never, edited, joined], [first.winner, edit.winner, join.winner], default=-1)
    conflict = np.select([never, edited], [first.conflict, edit.conflict], default=join.conflict)

    won = winner >= 0
    after = np.where(won, _pick(sides.value, winner), golden)
    names = np.array([*sides.order, None], dtype=object)
    keeps = ~never & (after == golden) & (standing <= winner)
    after_from = np.where(won & ~keeps, names[winner], golden_from)
    fills = won & ~_pick(sides.speaks, winner).astype(bool)
    rule = np.select(
        [conflict, never & won & fills, never & won, edited, joined],
        [CONFLICT, FILL, FIRST, EDIT, JOIN],
        default=UNCHANGED,
    )
    out = pd.DataFrame({"golden": after, "golden_from": after_from, "rule": rule}, index=cells.index, dtype="str")
    out["winner"] = pd.Series("golden", index=cells.index, dtype="str").where(conflict).mask(won, names[winner])
    out["conflict"] = conflict
    out["survivor"] = field.rule
    out["fresh"] = won & pd.isna(_pick(sides.base, winner))
    _aim(out, cells, field, drift, changed=after != golden)
    return out


@dataclass(frozen=True)
class Opinion:
    """Per person: the column index of the side that would win (-1: nobody), and whether another was overruled."""

    winner: Array
    conflict: Array


def _array(column: "pd.Series[str]") -> Array:
    values: Array = column.astype(object).to_numpy(copy=True)
    values[column.isna()] = None
    return values


def _sides(cells: pd.DataFrame, field: Field) -> Sides:
    order = tuple(dict.fromkeys([*field.order, *SYSTEMS]))
    return Sides(
        order=order,
        value=np.column_stack([_array(cells[s]) for s in order]),
        base=np.column_stack([_array(cells[f"{s}_base"]) for s in order]),
        speaks=np.column_stack([cells[f"{s}_speaks"].to_numpy(dtype=bool) for s in order]),
        mute=np.column_stack([cells[f"{s}_settled"].eq("").fillna(False).to_numpy(dtype=bool) for s in order]),
    )


def _leftmost(mask: Array) -> Array:
    """Index of the first true column of each row, -1 where none is."""
    return np.where(mask.any(axis=1), mask.argmax(axis=1), -1)


def _pick(columns: Array, index: Array) -> Array:
    """`columns[row, index[row]]`; meaningless where index is -1."""
    picked: Array = columns[np.arange(len(columns)), index] if len(columns) else columns[:, 0]
    return picked


def _overruled(values: Array, mask: Array, winner: Array) -> Array:
    """Rows in which a side of `mask` says something else than the winner."""
    overruled: Array = (winner >= 0) & (mask & (values != _pick(values, winner)[:, None])).any(axis=1)
    return overruled


def _standing(golden_from: Array, order: tuple[str, ...]) -> Array:
    """Whom golden stands with, as an index into `order`: -1 for a person's decision, past the end for nobody."""
    rank = {name: n for n, name in enumerate((DECISION, *order), start=-1)}
    return np.array([rank.get(name, len(order)) for name in golden_from], dtype=int)


def _first_sight(sides: Sides) -> Opinion:
    """No golden yet: authority first, in the rule's order; a side without it may only fill a blank."""
    says = sides.held & ~sides.blank & ~sides.mute
    strong = says & sides.speaks
    winner = _leftmost(strong)
    return Opinion(np.where(winner >= 0, winner, _leftmost(says)), _overruled(sides.value, strong, winner))


def _edits(sides: Sides, field: Field) -> Opinion:
    """Departures from base by sides with authority. `rank`: the highest-ranked non-blank side wins, edit or not."""
    edited = sides.held & sides.has_base & sides.speaks & (sides.value != sides.base)
    if field.blanks != "clear":
        edited &= ~sides.blank
    winner = _leftmost(edited)
    if field.rule == "rank":
        top = _leftmost(sides.held & ~sides.blank & sides.speaks & (edited | ~sides.mute))
        winner = np.where((winner >= 0) & (top >= 0), top, winner)
    return Opinion(winner, _overruled(sides.value, edited | sides.joins, winner))


def _joins(sides: Sides, golden: Array, standing: Array) -> Opinion:
    """Sides without a base, against a golden that stands with whom it came from. On a tie golden stays.

    A golden that was made blank is a value that only an edit fills; one never decided isn't asked about here.
    """
    columns = np.arange(len(sides.order))
    beats = sides.joins & (columns[None, :] < standing[:, None]) & (golden != "")[:, None]
    return Opinion(_leftmost(beats), (sides.joins & (sides.value != golden[:, None])).any(axis=1))


def _aim(out: pd.DataFrame, cells: pd.DataFrame, field: Field, drift: str, changed: Array) -> None:
    """Which sides must be brought to golden, and which differences are accepted."""
    golden = out["golden"]
    for system in SYSTEMS:
        value, base, writable = cells[system], cells[f"{system}_base"], cells[f"{system}_writable"]
        known = cells[f"{system}_settled"].eq(golden).fillna(False)
        open_ = golden.notna() & value.notna() & (value != golden) & ~known
        moved = base.notna() & (value != base) & ~changed
        reasons = {
            LEFT_BLANK: moved & cells[f"{system}_speaks"] & (value == "") & (field.blanks != "clear"),
            KEPT_DRIFT: moved & ~cells[f"{system}_speaks"] & (drift == "keep"),
            NOT_WRITABLE: (golden == "") & ~writable,
            # Blanks erase only where the policy says so, and nothing of Aloware's can be blanked (fact sheet, forms).
            NOT_CLEARED: (golden == "") & (system == ALOWARE or field.blanks != "clear"),
        }
        stands = [(open_ & accepted).to_numpy() for accepted in reasons.values()]
        settle = np.select(stands, [np.array(reason) for reason in reasons], default=np.array(""))
        out[f"{system}_settle"] = pd.Series(settle, index=out.index, dtype="str").replace("", pd.NA)
        out[f"{system}_write"] = open_ & writable & (settle == "")
        if field.blanks == "fill-only":
            out[f"{system}_write"] &= value == ""
