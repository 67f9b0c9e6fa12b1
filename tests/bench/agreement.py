"""Whether a crowd's plan is the oracle's: some of its people as a small world, of which the naive rules are asked."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from tasks.core.frames import among
from tasks.core.model import Snapshot, reference
from tasks.core.plan import Plan
from tasks.core.state import State
from tests.bench.crowd_home import touched
from tests.bench.crowd_world import CrowdWorld
from tests.property.naive import Opinions, opinions
from tests.property.simulation import Properties, Simulation

MOVED, QUIET = 150, 50  # people asked about: of whom a record was edited or is new, and others


@dataclass
class Sample(Simulation):
    """Some of a crowd. What a run would do for them is what the crowd's plan does."""

    plan: Plan = field(kw_only=True)

    def draft(self, snapshots: Sequence[Snapshot] | None = None, everybody: bool = False) -> Plan:
        return self.plan


def compared(world: CrowdWorld, plan: Plan) -> Opinions:
    """What both say of the sample."""
    owners = pd.concat([world.known.links["person"], plan.advance.links["person"]])
    owners = owners[~owners.index.duplicated(keep="last")]
    news = pd.concat(
        [_names(seen, name, touched(frame)) for seen in world.after for name, frame in seen.frames.items()]
    )
    people = _some(owners[among(owners.index, news)], MOVED).union(_some(owners[~among(owners.index, news)], QUIET))
    refs = owners.index[among(owners, people)]
    records = {ref: row for snapshot in world.after for ref, row in _records(snapshot, refs)}
    return opinions(Sample(world.policy, _known(world.known, people, refs), records, plan=_narrowed(plan, people)))


def _some(people: "pd.Series[str]", count: int) -> "pd.Index[str]":
    """So many of them, the same ones every time."""
    names = people.drop_duplicates().sort_values()
    return pd.Index(names.sample(min(count, len(names)), random_state=1))


def _records(snapshot: Snapshot, refs: "pd.Index[str]") -> list[tuple[str, Properties]]:
    found: list[tuple[str, Properties]] = []
    for name, frame in snapshot.frames.items():
        names = _names(snapshot, name, frame)
        here = among(names, refs)
        rows = frame[here].astype(object).where(frame[here].notna(), None).drop(columns=["record_id", "as_of"])
        told = rows.assign(created_at=rows["created_at"].map(str), modified_at=rows["modified_at"].map(str))
        found.extend(zip(names[here], told.to_dict("records"), strict=True))
    return found


def _names(snapshot: Snapshot, name: str, frame: pd.DataFrame) -> "pd.Series[str]":
    return reference(snapshot.system, name, "") + frame["record_id"]


def _known(state: State, people: "pd.Index[str]", refs: "pd.Index[str]") -> State:
    return replace(
        state,
        links=state.links[among(state.links.index, refs)],
        people=state.people[among(state.people.index, people)],
        golden=state.golden[among(state.golden.index, people)],
        bases=state.bases[among(state.bases.index, refs)],
        settled=state.settled[among(state.settled["ref"], refs)],
        numbers=state.numbers[among(state.numbers["person"], people)],
    )


def _narrowed(plan: Plan, people: "pd.Index[str]") -> Plan:
    changes = plan.changes[among(plan.changes["person"], people)]
    cells = plan.cells[among(plan.cells["change"], changes["id"])]
    golden = plan.advance.golden[among(plan.advance.golden.index, people)]
    return replace(plan, changes=changes, cells=cells, advance=replace(plan.advance, golden=golden))
