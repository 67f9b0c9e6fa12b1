"""The cells of one field as arrays, a row a person and a column a system: what every rule of deciding asks of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from tasks.core.model import SYSTEMS

Array = np.ndarray[Any, np.dtype[Any]]

DECISION = "decision"  # golden that stands with a person who decided it: no joiner beats it

UNCHANGED, EDIT, FIRST, FILL, JOIN, RANK, CONFLICT = (
    "unchanged",
    "edit",
    "first-sight",
    "fill",
    "join",
    "rank",
    "conflict",
)

NEVER = np.iinfo(np.int64).min  # the time of what nobody knows the time of


@dataclass(frozen=True)
class Sides:
    """What the sides say, in the order of the field's rule."""

    order: tuple[str, ...]
    value: Array  # str, or None: not held
    base: Array  # str, or None: the side joins
    speaks: Array
    accepted: Array  # the golden for which the value is settled, or None
    edited_at: Array  # nanoseconds since 1970, or NEVER

    @classmethod
    def of(cls, cells: pd.DataFrame, order: Sequence[str]) -> "Sides":
        """`cells` as `diff.diff` gives them; systems that `order` leaves out come last."""
        names = tuple(dict.fromkeys([*order, *SYSTEMS]))
        return cls(
            order=names,
            value=np.column_stack([objects(cells[s]) for s in names]),
            base=np.column_stack([objects(cells[f"{s}_base"]) for s in names]),
            speaks=np.column_stack([cells[f"{s}_speaks"].to_numpy(dtype=bool) for s in names]),
            accepted=np.column_stack([objects(cells[f"{s}_settled"]) for s in names]),
            edited_at=np.column_stack([_times(cells, f"{s}_at") for s in names]),
        )

    @cached_property
    def held(self) -> Array:
        return pd.notna(self.value)

    @cached_property
    def blank(self) -> Array:
        return np.equal(self.value, "")

    @cached_property
    def has_base(self) -> Array:
        return pd.notna(self.base)

    @cached_property
    def mute(self) -> Array:
        """Values that are nobody's word: a vendor's default, or what a contact says of its former owner."""
        mute: Array = np.equal(self.accepted, "")
        return mute

    @cached_property
    def says(self) -> Array:
        return self.held & ~self.blank & ~self.mute

    @cached_property
    def moved(self) -> Array:
        """Sides with authority that departed from their base, be it to a blank."""
        return np.asarray(self.held & self.has_base & self.speaks & ~self.mute & (self.value != self.base))

    @cached_property
    def joins(self) -> Array:
        """Sides with authority and something to say that no decision has seen yet."""
        return self.says & self.speaks & ~self.has_base


@dataclass(frozen=True)
class Opinion:
    """Per person: the column of the side that wins (-1: nobody), whether somebody is overruled, whether it waits for a
    person's decision, and whether this opinion is asked for at all."""

    winner: Array
    conflict: Array
    waits: Array
    decides: Array


def objects(column: "pd.Series[str]") -> Array:
    """Text as objects, with None where it is missing."""
    return np.where(column.isna(), np.array(None), column.astype(object))


def _times(cells: pd.DataFrame, name: str) -> Array:
    if name not in cells:
        return np.full(len(cells), NEVER)
    return np.asarray(cells[name].astype("datetime64[ns, UTC]").astype("int64"))


def leftmost(mask: Array) -> Array:
    """Column of the first true cell of each row, -1 where none is."""
    return np.where(mask.any(axis=1), mask.argmax(axis=1), -1)


def pick(columns: Array, index: Array) -> Array:
    """`columns[row, index[row]]`; meaningless where index is -1."""
    return np.asarray(columns[np.arange(len(columns)), index] if len(columns) else columns[:, 0])


def differs(values: Array, mask: Array, against: Array) -> Array:
    """Rows in which a cell of `mask` says something else than `against`."""
    return np.asarray((mask & (values != against[:, None])).any(axis=1))


def standing(golden_from: Array, order: Sequence[str]) -> Array:
    """Whom golden stands with, as an index into `order`: -1 for a person's decision, past the end for nobody."""
    found = np.full(len(golden_from), len(order))
    for n, name in enumerate((DECISION, *order), start=-1):
        found[golden_from == name] = n
    return found
