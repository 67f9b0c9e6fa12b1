"""The oracle: the whole of design §3-5 a second time, deliberately naive, held against production on small worlds."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from tasks.core.matching import Matching
from tasks.core.plan import Plan
from tests.property.naive_deciding import Said, Target, decide
from tests.property.naive_identity import Who, identify
from tests.property.naive_world import Ledger, ledger_of, rows_of
from tests.property.simulation import Simulation


@dataclass(frozen=True)
class Opinions:
    """What both say of one world, as comparable dictionaries; `cells`: how many (person, field, system) it is about."""

    naive: dict[str, object]
    production: dict[str, object]
    cells: int

    @property
    def disagreements(self) -> dict[str, tuple[object, object]]:
        """Topic → what only the naive rules say, and what only production says."""
        return {
            topic: (_only(self.naive[topic], self.production[topic]), _only(self.production[topic], self.naive[topic]))
            for topic in self.naive
            if self.naive[topic] != self.production[topic]
        }


def _only(one: object, other: object) -> object:
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: value for key, value in one.items() if key not in other or other[key] != value}
    return one - other if isinstance(one, set) and isinstance(other, set) else one


def opinions(world: Simulation) -> Opinions:
    """Both opinions of what a run would do now."""
    ledger = ledger_of(world)
    rows = rows_of(world)
    who = identify(rows, ledger, world.gone, world.policy)
    said = decide(rows, ledger, who, world.policy)
    return Opinions(_naive(who, said, world), _production(world.match(), world.draft(), world, ledger), said.cells)


def _naive(who: Who, said: Said, world: Simulation) -> dict[str, object]:
    return {
        "links": {ref: (link.person, link.role) for ref, link in who.links.items()},
        "keys": who.keys,
        "lost": who.lost,
        "collisions": who.collisions,
        "golden": {cell: value for cell, value in said.golden.items() if value is not None},
        "writes": said.writes,
    }


def _production(matching: Matching, plan: Plan, world: Simulation, ledger: Ledger) -> dict[str, object]:
    links = {ref: (link.person, link.role) for ref, link in ledger.links.items()}
    links |= {row.Index: (row.person, row.role) for row in matching.links.itertuples()}
    lost = matching.quarantine[matching.quarantine["reason"].str.startswith("no valid phone")]
    return {
        "links": links,
        "keys": dict(matching.people["key"].dropna()),
        "lost": set(lost["system"] + ":" + lost["object"] + ":" + lost["record_id"]),
        "collisions": {(c.kind, frozenset(json.loads(c.records))) for c in matching.collisions.itertuples()},
        "golden": _golden(matching, plan, world, ledger),
        "writes": dict(_writes(plan)),
    }


def _golden(matching: Matching, plan: Plan, world: Simulation, ledger: Ledger) -> dict[tuple[str, str], str]:
    people = set(matching.people.index)
    golden = {cell: value for cell, (value, _) in ledger.golden.items() if cell[0] in people}
    for name in world.policy.fields:
        if name in plan.advance.golden:
            golden |= {(person, name): value for person, value in plan.advance.golden[name].dropna().items()}
    return golden


def _writes(plan: Plan) -> Iterator[tuple[tuple[Target, str], str]]:
    heads = plan.changes.set_index("id")
    for cell in plan.cells.itertuples():
        head = heads.loc[cell.change]
        created = head["kind"] == "create"
        target = (head["system"], head["person"]) if created else ("record", _ref(head))
        yield (target, cell.field), cell.value or cell.after


def _ref(head: "pd.Series[str]") -> str:
    return f"{head['system']}:{head['object']}:{head['record_id']}"
