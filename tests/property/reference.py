"""The field decision a second time: one person, one field, plain Python, as slowly as the design tells it.

Written from the design's words alone, so that `tasks.core.deciding.resolve`, which decides whole columns at once, has
somebody to disagree with. Nothing here is used by the product.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from tasks.core.model import ALOWARE, SYSTEMS
from tasks.core.policy import Field

WAITS = "nobody can tell"


@dataclass(frozen=True)
class Side:
    """What one system says of the field. `value` None: it doesn't hold it; `base` None: it joins."""

    system: str
    value: str | None
    base: str | None
    speaks: bool
    writable: bool
    paused: bool
    settled: str | None
    at: datetime | None = None

    @property
    def says_something(self) -> bool:
        """A value that is somebody's word: not a vendor's default, nor what a contact says of a former owner."""
        return self.value is not None and self.value != "" and not self.mute

    @property
    def mute(self) -> bool:
        return self.settled == ""

    @property
    def joins(self) -> bool:
        """It has something new to say, but nobody saw it being edited."""
        return self.says_something and self.base is None and self.speaks


@dataclass(frozen=True)
class Case:
    """One field of one person, with the rules that it is decided by."""

    sides: Sequence[Side]  # in the order of the rule
    golden: str | None
    standing: str | None
    field: Field
    tolerance: timedelta
    inherited: bool = False
    decided: str | None = None  # what a person decided since

    def rank(self, system: str | None) -> int:
        """A person's decision stands above every system, and every system above nobody."""
        order = [side.system for side in self.sides]
        return -1 if system == "decision" else order.index(system) if system in order else len(order)


@dataclass(frozen=True)
class Decision:
    """Who wins: a side, golden (None), or nobody before a person decides."""

    winner: Side | None = None
    rule: str = "unchanged"
    conflict: bool = False
    waits: bool = False


def decide(cell: Mapping[str, Any], field: Field, drift: str, tolerance: timedelta) -> dict[str, Any]:
    """The row that `resolve.decide` must give for this row of `diff.diff`'s columns."""
    known = {column: None if pd.isna(value) else value for column, value in cell.items()}
    sides, answer = _sides(known, field), known.get("decided")
    case = Case(sides, known["golden"], known["golden_from"], field, tolerance, known["inherited"], answer)
    if field.type == "consent":
        return _consent(case)
    if answer is not None:
        return _told(case, answer)
    decision = _decision(case)
    after, after_from = case.golden, case.standing
    if decision.winner is not None:
        after = decision.winner.value
        after_from = decision.winner.system
        if after == case.golden and case.rank(case.standing) <= case.rank(after_from):
            after_from = case.standing
    row = _row(case, decision, after, after_from, field.rule)
    for side in case.sides:
        why = None if decision.waits else _settled(side, case.golden, after, field, drift)
        due = not decision.waits and why is None and _to_be_written(side, after, field)
        row |= _aim(side, due, why)
    return row


def _told(case: Case, answer: str) -> dict[str, Any]:
    """A person's word stands above every rule, and goes wherever may be written, whatever was accepted before."""
    row = _row(case, Decision(rule="decision"), answer, "decision", case.field.rule) | {"winner": "decision"}
    for side in case.sides:
        unclearable = side.system == ALOWARE or case.field.blanks != "clear"
        why = None
        if _differs(side, answer) and answer == "" and not side.writable and not side.paused:
            why = "not writable"
        elif _differs(side, answer) and answer == "" and unclearable:
            why = "cannot be cleared"
        row |= _aim(side, _differs(side, answer) and why is None, why)
    return row


def _row(case: Case, decision: Decision, after: str | None, after_from: str | None, survivor: str) -> dict[str, Any]:
    golden = "golden" if decision.conflict and not decision.waits else None
    return {
        "golden": after,
        "golden_from": after_from,
        "rule": "conflict" if decision.conflict else decision.rule,
        "winner": decision.winner.system if decision.winner else golden,
        "conflict": decision.conflict,
        "waits": decision.waits,
        "survivor": survivor,
        "fresh": decision.winner is not None and decision.winner.base is None,
    }


def _aim(side: Side, due: bool, why: str | None) -> dict[str, Any]:
    return {
        f"{side.system}_settle": why,
        f"{side.system}_write": due and side.writable,
        f"{side.system}_late": due and side.paused,
    }


def _sides(known: Mapping[str, Any], field: Field) -> list[Side]:
    order = [*field.order, *(system for system in SYSTEMS if system not in field.order)]
    parts = ("base", "speaks", "writable", "paused", "settled")
    return [Side(s, known[s], *(known[f"{s}_{part}"] for part in parts), known.get(f"{s}_at")) for s in order]


# Who wins.


def _decision(case: Case) -> Decision:
    edits = [side for side in case.sides if _edited(side, case.field)]
    unordered = case.field.rule in ("recency", "hold")
    if case.golden is None and not (unordered and len({side.value for side in edits}) > 1):
        return _first_sight(case.sides)
    return _edit(case, edits) if edits else _no_edit(case)


def _first_sight(sides: Sequence[Side]) -> Decision:
    """Never decided: the highest-priority value; a side without authority may only fill a blank."""
    candidates = [side for side in sides if side.says_something]
    strong = [side for side in candidates if side.speaks]
    words = [side for side in strong if side.value != side.base]  # what stands at its base is what we wrote ourselves
    if strong:
        winner, *others = words or strong
        return Decision(winner, "first-sight", any(other.value != winner.value for other in others))
    return Decision(candidates[0], "fill") if candidates else Decision()


def _edited(side: Side, field: Field) -> bool:
    """A departure from its own base by a side with authority; a blank is one only where the policy says so."""
    if side.value is None or side.base is None or side.value == side.base or side.mute:
        return False
    return side.speaks and (side.value != "" or field.blanks == "clear")


def _edit(case: Case, edits: Sequence[Side]) -> Decision:
    """One distinct value wins; of several the rule's survivor. A real edit beats a joiner, who loses aloud."""
    winner: Side | None = edits[0]
    distinct = {side.value for side in edits}
    if case.field.rule == "rank" and (top := _top(case)) is not None:
        # What is settled for golden counts as golden's own word, unless somebody just typed it.
        winner = None if top.settled == case.golden and top not in edits else top
    if case.field.rule == "hold" and len(distinct) > 1:
        return Decision(conflict=True, waits=True)
    if case.field.rule == "recency" and len(distinct) > 1:
        newest = _newest([(side.value, side.at) for side in edits], case.tolerance)
        if newest == WAITS:
            return Decision(conflict=True, waits=True)
        latest = max(side.at for side in edits if side.at)
        winner = next(side for side in edits if side.value == newest and side.at == latest)
    after = winner.value if winner else case.golden
    rivals = [*edits, *(side for side in case.sides if side.joins)]
    return Decision(winner, "edit" if winner else "unchanged", any(side.value != after for side in rivals))


def _top(case: Case) -> Side | None:
    """The highest-ranked non-blank side with authority."""
    return next((side for side in case.sides if side.speaks and side.says_something), None)


def _newest(values: Sequence[tuple[str | None, datetime | None]], tolerance: timedelta) -> str | None:
    """Without a time for each, or with another value inside the tolerance, nobody can tell."""
    times = [at for _, at in values]
    if None in times:
        return WAITS
    newest = max(at for at in times if at)
    value = next(value for value, at in values if at == newest)
    close = any(other != value and at and newest - at <= tolerance for other, at in values)
    return WAITS if close else value


def _no_edit(case: Case) -> Decision:
    """Nobody typed anything: joiners against golden, which stays blank if somebody made it blank."""
    joiners = [side for side in case.sides if side.joins]
    differing = [side for side in joiners if side.value != case.golden]
    if case.golden == "" or case.standing == "decision":
        return Decision(conflict=bool(differing))
    if case.field.rule == "rank":
        return _ranked(case, joiners)
    if case.field.rule != "priority" and differing:
        return _disputed(case, differing)
    for joiner in joiners:
        if case.rank(joiner.system) < case.rank(case.standing):
            return Decision(joiner, "join", bool(differing))
    return Decision(conflict=bool(differing))


def _ranked(case: Case, joiners: Sequence[Side]) -> Decision:
    """The highest side always wins, edit or not; it takes golden's place only where that is news."""
    top = _top(case)
    wins = top is not None and (
        (top.value != case.golden and top.settled != case.golden)
        or (top.joins and case.rank(top.system) < case.rank(case.standing))
    )
    after = top.value if top and wins else case.golden
    conflict = any(side.value != case.golden or side.value != after for side in joiners)
    if not wins or top is None:
        return Decision(conflict=conflict)
    return Decision(top, "join" if top.joins else "rank", conflict)


def _disputed(case: Case, differing: Sequence[Side]) -> Decision:
    """`hold` never chooses; `recency` does where golden's own side still holds it and everybody's time is known."""
    if case.field.rule == "hold":
        return Decision(conflict=True, waits=True)
    gave = next((side for side in case.sides if side.system == case.standing), None)
    golden_at = gave.at if gave and gave.value == case.golden else None
    newest = _newest([*((side.value, side.at) for side in differing), (case.golden, golden_at)], case.tolerance)
    if newest == WAITS:
        return Decision(conflict=True, waits=True)
    if newest == case.golden:
        return Decision(conflict=True)
    latest = max(side.at for side in differing if side.at)
    return Decision(next(s for s in differing if s.value == newest and s.at == latest), "join", conflict=True)


# Who is told.


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
        if not side.writable and not side.paused:
            return "not writable"
        if side.system == ALOWARE or field.blanks != "clear":
            return "cannot be cleared"
    return None


def _to_be_written(side: Side, after: str | None, field: Field) -> bool:
    if not _differs(side, after) or side.settled == after:
        return False
    return side.value == "" if field.blanks == "fill-only" else True


# Consent.


def _consent(case: Case) -> dict[str, Any]:
    """True is said by anybody and carried; false is said by everybody, and by people alone."""
    heard = [side for side in case.sides if side.value is not None and not side.mute]
    yes = [side for side in heard if side.value == "true"]
    typed = [side for side in yes if side.base not in (None, "true")]
    joined = [side for side in yes if side.base is None]
    withdrawn = [side for side in heard if side.value != "true" and side.base == "true"]
    decision, after = _said(case, heard, yes, typed, joined, withdrawn)
    after_from = case.standing
    if decision.winner is not None and after != case.golden:
        after_from = decision.winner.system
    row = _row(case, decision, after, after_from, "consent")
    row["winner"] = decision.winner.system if decision.winner else None
    if case.decided is not None:  # a yes: nobody decides a no
        after = case.decided
        row = _row(case, Decision(rule="decision"), after, "decision", "consent") | {"winner": "decision"}
    anew = case.decided is not None or bool(typed) or (after == "true" and case.golden != "true")
    for side in case.sides:
        row |= _aim_consent(side, after, anew)
    return row


def _said(
    case: Case,
    heard: Sequence[Side],
    yes: Sequence[Side],
    typed: Sequence[Side],
    joined: Sequence[Side],
    withdrawn: Sequence[Side],
) -> tuple[Decision, str | None]:
    word = "first-sight" if case.golden is None else "edit"
    if typed:
        return Decision(typed[0], word, conflict=bool(withdrawn)), "true"
    if case.golden == "true":
        if yes or not heard:
            return Decision(), "true"
        return Decision(withdrawn[0] if withdrawn else None, "edit"), "false"
    if joined:
        return Decision(joined[0], "first-sight" if case.golden is None else "join"), "true"
    if case.golden is None and yes:
        return Decision(yes[0], "first-sight"), "true"
    if case.inherited:
        return Decision(None, "first-sight" if case.golden is None else "join"), "true"
    no = [side for side in heard if side.value == "false"]
    if case.golden is None and no:
        return Decision(no[0], "first-sight"), "false"
    return Decision(), case.golden


def _aim_consent(side: Side, golden: str | None, anew: bool) -> dict[str, Any]:
    if golden is None or side.value is None or (side.value == "true") == (golden == "true"):
        return _aim(side, False, None)
    if golden != "true":  # nobody's consent is withdrawn by Tandem
        return _aim(side, False, None if side.settled == golden and not anew else "consent differs")
    if not anew and (side.settled == "true" or side.base == "true"):
        return _aim(side, False, None if side.settled == "true" else "consent differs")
    return _aim(side, True, None)
