"""The rows of a report's tables: what a plan says, in the words and the order in which a person reads it."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from tasks.core import render
from tasks.core.explaining.words import NAMES
from tasks.core.masking import shown
from tasks.core.model import SYSTEMS
from tasks.core.plan import Breaker, Plan
from tasks.report.story import UNSETTLED, Story

TOP_CHANGES = 2000
TOP = 300  # of everything else

# How a change stands → how a person says it. In this order they are shown: first what somebody may have to look at.
STANDING = {
    "refused": "refused",
    "failed": "no answer",
    UNSETTLED: "unsettled",
    "stale": "moved meanwhile",
    "held": "held",
    "planned": "planned",
    "left out": "left out",
    "applied": "written",
}
KINDS = ("create", "update", "link", "task", "archive")


@dataclass(frozen=True)
class Move:
    """A property that becomes something else. `alike`: masked, the two look the same."""

    name: str
    before: str
    after: str
    alike: bool = False


@dataclass(frozen=True)
class Row:
    """A change, or a refusal that is foreseen: where, whose, what becomes what, why, and how it stands."""

    id: str
    system: str
    kind: str
    object: str
    record: str
    person: str
    who: str
    phone: str
    moves: Sequence[Move]
    reason: str
    rule: str
    origin: str = ""
    standing: str = ""
    note: str = ""
    since: str = ""


@dataclass(frozen=True)
class Side:
    """What one side of a conflict says."""

    system: str
    value: str
    wins: bool


@dataclass(frozen=True)
class Dispute:
    """A conflict: whose, about which field, what each side says, who won by which rule."""

    id: str
    person: str
    who: str
    field: str
    sides: Sequence[Side]
    winner: str
    rule: str
    since: str
    alike: bool


@dataclass(frozen=True)
class Limit:
    """A breaker that fired: how much was asked of how much is allowed, and how many changes it holds."""

    name: str
    value: str
    limit: str
    share: float  # of the bar that shows it
    holds: int
    lifted: bool


def changes(story: Story, plan: Plan) -> list[Row]:
    """The first changes: those that didn't land before those that did, in the plan's order."""
    order = {word: rank for rank, word in enumerate(STANDING)}
    stands = [story.standing.get(change, ("planned", "")) for change in plan.changes["id"]]
    ranks = pd.Series([order.get(word, 0) for word, _ in stands], index=plan.changes.index)
    first = plan.changes.loc[ranks.sort_values(kind="stable").index[:TOP_CHANGES]]
    cells = plan.cells[plan.cells["change"].isin(first["id"])]
    moves: dict[str, list[Move]] = {}
    origins: dict[str, list[str]] = {}
    for cell in _rows(cells):
        moves.setdefault(cell["change"], []).append(_move(cell))
        origins.setdefault(cell["change"], []).extend((cell["sources"] or "").split())
    return [_change(story, row, moves.get(row["id"], []), origins.get(row["id"], [])) for row in _rows(first)]


def refused(story: Story, plan: Plan) -> list[Row]:
    """Refusals that are foreseen, one a cell."""
    first = replace(plan, refused=plan.refused.head(TOP))
    since = render.Since(refused=list(story.since.refused)[:TOP])
    return [
        replace(_change(story, row | {"id": ""}, [_move(row)], []), since=told["since"])
        for row, told in zip(_rows(first.refused), render.refused(first, since), strict=True)
    ]


def conflicts(story: Story, plan: Plan) -> list[Dispute]:
    """The first conflicts, those that wait for a person before those that were decided."""
    waits = plan.conflicts["winner"].fillna("").eq("")
    first = plan.conflicts.loc[waits.sort_values(ascending=False, kind="stable").index[:TOP]]
    found = render.conflicts(replace(plan, conflicts=first), story.since)
    return [_dispute(story, conflict) for conflict in found]


def collisions(story: Story, plan: Plan) -> list[Mapping[str, object]]:
    """The first numbers and addresses that several claim, with the claimants."""
    return [dict(row) for row in render.collisions(replace(plan, collisions=plan.collisions.head(TOP)))]


def quarantine(plan: Plan) -> list[tuple[str, str, int, Sequence[str]]]:
    """Why records were left out: place, reason, how many, and the first of them."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in render.quarantine(plan):
        place = f"{NAMES.get(row['system'], row['system'])} {row['object']}"
        found.setdefault((place, row["reason"]), []).append(f"{row['system']}:{row['object']}:{row['record_id']}")
    listed = sorted(found.items(), key=lambda item: -len(item[1]))
    return [(place, reason, len(refs), refs[:TOP]) for (place, reason), refs in listed]


def by_system(plan: Plan, story: Story) -> list[tuple[str, Mapping[str, int], Mapping[str, int]]]:
    """System, its changes by kind, and by how they stand."""
    stands = [story.standing.get(change, ("planned", ""))[0] for change in plan.changes["id"]]
    kinds = Counter(zip(plan.changes["system"], plan.changes["kind"], strict=True))
    standing = Counter(zip(plan.changes["system"], stands, strict=True))
    return [
        (
            system,
            {kind: kinds[system, kind] for kind in KINDS if kinds[system, kind]},
            {STANDING.get(word, word): standing[system, word] for word in STANDING if standing[system, word]},
        )
        for system in SYSTEMS
        if any(kinds[system, kind] for kind in KINDS)
    ]


def limits(plan: Plan) -> list[Limit]:
    """The breakers that fired."""
    return [_limit(breaker, plan) for breaker in plan.verdict.breakers]


def _limit(breaker: Breaker, plan: Plan) -> Limit:
    value, limit = breaker.told
    return Limit(
        name=breaker.name,
        value=value,
        limit=limit,
        share=min(breaker.limit / breaker.value, 1.0) if breaker.value else 1.0,
        holds=len(breaker.holds - plan.left_out),
        lifted=breaker.name in plan.overrides,
    )


def _change(story: Story, row: Mapping[str, Any], moves: Sequence[Move], origins: Sequence[str]) -> Row:
    word, note = story.standing.get(row["id"] or "", ("planned", "")) if row["id"] else ("", "")
    person = row["person"] or ""
    return Row(
        id=row["id"] or "",
        system=row["system"] or "",
        kind=row["kind"] or "",
        object=row["object"] or "",
        record=row["record_id"] or "",
        person=person,
        who=story.names.get(person, ""),
        phone=row["phone"] or "",
        moves=moves,
        reason=row["reason"] or "",
        rule=row.get("rule") or "",
        origin=", ".join(dict.fromkeys(origins)),
        standing=STANDING.get(word, word),
        note=note,
    )


def _move(cell: Mapping[str, Any]) -> Move:
    before, after = shown(cell["before"]), shown(cell["after"])
    return Move(cell["property"] or "", before, after, alike=before == after and cell["before"] != cell["after"])


def _dispute(story: Story, conflict: render.Object) -> Dispute:
    said, winner = conflict["sides"], conflict["winner"] or ""
    sides = [Side(system, shown(value), system == winner) for system, value in said.items()]
    return Dispute(
        id=conflict["id"],
        person=conflict["person"] or "",
        who=story.names.get(conflict["person"] or "", ""),
        field=conflict["field"] or "",
        sides=sides,
        winner=winner,
        rule=conflict["rule"] or "",
        since=conflict["since"],
        alike=len({side.value for side in sides}) < len(set(map(json.dumps, said.values()))),
    )


def _rows(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """A frame's rows, missing values as None."""
    columns = [frame[name].astype(object).where(frame[name].notna(), None).tolist() for name in frame.columns]
    for values in zip(*columns, strict=True):
        yield dict(zip(frame.columns, values, strict=True))
