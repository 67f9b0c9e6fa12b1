"""The field decision a second time: one person, one field, plain Python, as slowly as the design tells it.

Written from the design's words alone, so that `tasks.core.resolve`, which decides whole columns at once, has somebody
to disagree with. Nothing here is used by the product.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tasks.core.model import ALOWARE, SYSTEMS
from tasks.core.policy import Field


@dataclass(frozen=True)
class Side:
    """What one system says of the field. `value` None: it doesn't hold it; `base` None: it joins."""

    system: str
    value: str | None
    base: str | None
    speaks: bool
    writable: bool
    settled: str | None

    @property
    def says_something(self) -> bool:
        return self.value is not None and self.value != ""

    @property
    def mute(self) -> bool:
        """Its value is known not to be anybody's word: a vendor's default, or a former owner's."""
        return self.settled == ""

    @property
    def joins(self) -> bool:
        """It has something new to say, but nobody saw it being edited."""
        return self.says_something and self.base is None and not self.mute


@dataclass(frozen=True)
class Decision:
    """Who wins: a side, golden ("golden" stays, against somebody), or nobody (None)."""

    winner: Side | None = None
    rule: str = "unchanged"
    conflict: bool = False


def decide(cell: Mapping[str, Any], field: Field, drift: str) -> dict[str, Any]:
    """The row that `resolve.decide` must give for this row of `diff.diff`'s columns."""
    known = {column: None if pd.isna(value) else value for column, value in cell.items()}
    sides = _in_order_of_priority(known, field)
    golden, standing = known["golden"], known["golden_from"]
    decision = _decision(sides, golden, standing, field)
    after, after_from = golden, standing
    if decision.winner is not None:
        after = decision.winner.value
        after_from = decision.winner.system
        if after == golden and not _outranks(after_from, standing, sides):
            after_from = standing
    row = {
        "golden": after,
        "golden_from": after_from,
        "rule": "conflict" if decision.conflict else decision.rule,
        "winner": decision.winner.system if decision.winner else ("golden" if decision.conflict else None),
        "conflict": decision.conflict,
        "survivor": field.rule,
        "fresh": decision.winner is not None and decision.winner.base is None,
    }
    for side in sides:
        row[f"{side.system}_settle"] = why = _settled(side, golden, after, field, drift)
        row[f"{side.system}_write"] = why is None and _to_be_written(side, after, field)
    return row


def _in_order_of_priority(known: Mapping[str, Any], field: Field) -> list[Side]:
    order = [*field.order, *(system for system in SYSTEMS if system not in field.order)]
    parts = ("base", "speaks", "writable", "settled")
    return [Side(s, known[s], *(known[f"{s}_{part}"] for part in parts)) for s in order]


def _outranks(system: str, standing: str | None, sides: Sequence[Side]) -> bool:
    """Whether a system has priority over whoever golden stands with; nobody has, over a person's decision."""
    if standing == "decision":
        return False
    order = [side.system for side in sides]
    return not standing or order.index(system) < order.index(standing)


def _decision(sides: Sequence[Side], golden: str | None, standing: str | None, field: Field) -> Decision:
    if golden is None:
        return _first_sight(sides)
    edits = [side for side in sides if _edited(side, field)]
    return _edit(sides, edits, field) if edits else _join(sides, golden, standing)


def _first_sight(sides: Sequence[Side]) -> Decision:
    """Never decided: the highest-priority value; a side without authority may only fill a blank."""
    candidates = [side for side in sides if side.says_something and not side.mute]
    for winner in candidates:
        if winner.speaks:
            return Decision(winner, "first-sight", _others_differ(winner, candidates))
    return Decision(candidates[0], "fill") if candidates else Decision()


def _others_differ(winner: Side, candidates: Sequence[Side]) -> bool:
    return any(side.value != winner.value for side in candidates if side.speaks)


def _edited(side: Side, field: Field) -> bool:
    """A departure from its own base by a side with authority; a blank is one only where the policy says so."""
    departed = side.value is not None and side.base is not None and side.value != side.base
    return side.speaks and departed and (side.value != "" or field.blanks == "clear")


def _edit(sides: Sequence[Side], edits: Sequence[Side], field: Field) -> Decision:
    """One distinct value wins; of several the rule's survivor. A real edit beats a joiner, who loses aloud."""
    winner = edits[0]
    if field.rule == "rank":
        ranked = [s for s in sides if s.speaks and s.says_something and (s in edits or not s.mute)]
        winner = ranked[0] if ranked else winner
    rivals = [*edits, *(side for side in sides if side.joins)]
    return Decision(winner, "edit", _others_differ(winner, rivals))


def _join(sides: Sequence[Side], golden: str, standing: str | None) -> Decision:
    """A joiner with priority over golden's standing wins. Golden made blank on purpose waits for an edit."""
    joiners = [side for side in sides if side.joins and side.speaks]
    conflict = any(side.value != golden for side in joiners)
    for joiner in joiners:
        if golden != "" and _outranks(joiner.system, standing, sides):
            return Decision(joiner, "join", conflict)
    return Decision(conflict=conflict)


def _differs(side: Side, golden: str | None) -> bool:
    return golden is not None and side.value is not None and side.value != golden


def _settled(side: Side, before: str | None, golden: str | None, field: Field, drift: str) -> str | None:
    """Why a difference that wasn't accepted before is accepted now."""
    if not _differs(side, golden) or side.settled == golden:
        return None
    moved = side.base is not None and side.value != side.base
    if moved and golden == before:
        if side.value == "" and side.speaks and field.blanks != "clear":
            return "left blank"
        if not side.speaks and drift == "keep":
            return "kept drift"
    if golden == "":
        if not side.writable:
            return "not writable"
        if side.system == ALOWARE or field.blanks != "clear":
            return "cannot be cleared"
    return None


def _to_be_written(side: Side, golden: str | None, field: Field) -> bool:
    if not side.writable or not _differs(side, golden) or side.settled == golden:
        return False
    return side.value == "" if field.blanks == "fill-only" else True
