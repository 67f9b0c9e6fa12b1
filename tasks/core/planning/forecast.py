"""How many calls it will take to carry out a plan: what applying it asks of each system, added up beforehand.

Every step is that of `tasks.write`, as it goes when nothing is stale, held up or refused.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from tasks.core.frames import among
from tasks.core.model import ALOWARE, Address, Change
from tasks.core.plan import Plan
from tasks.core.planning import apply, staleness
from tasks.core.policy import Policy
from tasks.core.state import State

Cost = Callable[[Sequence[Address], Sequence[Change]], Mapping[str, int]]  # a connector's own: records → calls
Step = tuple[str, Sequence[Address], Sequence[Change]]  # a system, what is peeked at there, what is written there


def forecast(plan: Plan, state: State, policy: Policy, costs: Mapping[str, Cost]) -> dict[str, dict[str, int]]:
    """System → calls that read and calls that write, for the systems of `costs`."""
    total = {system: {"read": 0, "write": 0} for system in costs}
    for system, peeked, written in steps(plan, apply.allowed(plan, state, policy), apply.numbers(plan, state, policy)):
        if system in costs:
            for way, calls in costs[system](peeked, written).items():
                total[system][way] += calls
    return total


def steps(plan: Plan, may: "pd.Series[bool]", phones: Mapping[str, str]) -> Iterator[Step]:
    """What is asked of whom, in order. The values that are written don't matter, so changes come without them."""
    changes = _changes(plan.changes[among(plan.changes["id"], plan.cells.loc[may, "change"])])
    batches = list(apply.batches(plan))
    place = {change: number for number, (_, heads) in enumerate(batches) for change in heads["id"]}
    watched = _watched(plan, plan.cells.loc[may, "change"].map(place))
    for number, (system, heads) in enumerate(batches):
        yield from _looks(apply.addresses(watched.get(number, ()), phones))
        written = [changes[change] for change in heads["id"] if change in changes]
        if system == ALOWARE and (born := [change.phone for change in written if change.kind == "create"]):
            yield system, apply.unborn(born), ()
        if written:
            yield system, (), written
    found = {f"{c.system}:{c.object}:{c.record_id or c.id}": c.phone for c in changes.values()}
    yield from _looks(apply.addresses(found, found))


def _changes(heads: pd.DataFrame) -> dict[str, Change]:
    rows = heads[["id", "system", "object", "record_id", "kind", "phone"]].astype("object")
    return {
        name: Change(name, system, object_name, record_id, kind, {}, phone or "")
        for name, system, object_name, record_id, kind, phone in rows.where(rows.notna(), None).itertuples(index=False)
    }


def _watched(plan: Plan, batch: "pd.Series[int]") -> Mapping[Any, Collection[str]]:
    """Batch → references of the records that are peeked at before it: what its cells stand on, except values that this
    very run has written by then. `batch`: the place of each cell that may be written."""
    standing_on = staleness.references(plan)
    standing_on = standing_on.assign(batch=standing_on["cell"].map(batch)).dropna(subset="batch")
    ours = standing_on[standing_on["target"]].groupby(["ref", "field"])["batch"].min().rename("ours")
    standing_on = standing_on.join(ours, on=["ref", "field"])
    seen = standing_on[~(standing_on["ours"] < standing_on["batch"])]
    return seen.groupby("batch")["ref"].unique().to_dict()


def _looks(wanted: Mapping[str, Sequence[Address]]) -> Iterator[Step]:
    return ((system, where, ()) for system, where in wanted.items())
