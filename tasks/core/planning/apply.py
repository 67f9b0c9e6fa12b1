"""Carrying out a plan, the part that needs no hands: what may still be written, in which batches, as which changes."""

from collections.abc import Collection, Iterator, Mapping, Sequence

import pandas as pd

from tasks.core.authority import is_open
from tasks.core.frames import beside
from tasks.core.model import ALOWARE, SYSTEMS, Address, Change, Outcome, Receipt
from tasks.core.plan import Plan
from tasks.core.policy import Policy
from tasks.core.state import State

BATCH = 200  # changes between a peek and its writes: the window in which a person's edit can't be seen


def not_attempted(plan: Plan) -> pd.DataFrame:
    """One row a cell: `outcome`, `record_id`, `reason`; stale until something is known."""
    return pd.DataFrame(
        {"outcome": Outcome.STALE.value, "record_id": pd.NA, "reason": pd.NA}, index=plan.cells.index, dtype="str"
    )


def allowed(plan: Plan, state: State, policy: Policy) -> "pd.Series[bool]":
    """Per cell, whether its target may be written: by directions and pauses as they are now, not as planned."""
    cells = beside(plan.cells, plan.changes.set_index("id"), "change", ["system", "kind"])
    scopes = [
        f"{system}.create" if kind == "create" else policy.scope(field, system)
        for system, kind, field in zip(cells["system"], cells["kind"], cells["field"], strict=True)
    ]
    writable = {scope: is_open(scope, state) for scope in set(scopes)}
    here = cells["system"].isin(sorted(state.connected - state.paused))
    two_way = pd.Series([writable[scope] for scope in scopes], index=cells.index, dtype="bool")
    return here & (two_way | cells["system"].eq(ALOWARE)) & ~cells["change"].isin(sorted(plan.verdict.held))


def batches(plan: Plan) -> Iterator[tuple[str, pd.DataFrame]]:
    """(system, changes) in the order in which they are carried out."""
    for system in SYSTEMS:
        changes = plan.changes[plan.changes["system"] == system]
        for start in range(0, len(changes), BATCH):
            yield system, changes.iloc[start : start + BATCH]


def addresses(refs: Collection[str], phones: Mapping[str, str]) -> dict[str, list[Address]]:
    """System → where those records are found; Aloware's by the number that `phones` knows for the reference."""
    out: dict[str, list[Address]] = {}
    for ref in sorted(set(refs)):
        system, object_name, record_id = ref.split(":", 2)
        out.setdefault(system, []).append(Address(object_name, record_id, phones.get(ref, "")))
    return out


def as_changes(heads: pd.DataFrame, cells: pd.DataFrame) -> list[Change]:
    """The writes of one batch; changes without a cell left are left out."""
    fields = {change: dict(zip(c["property"], c["after"], strict=True)) for change, c in cells.groupby("change")}
    return [
        Change(
            id=row["id"],
            system=row["system"],
            object=row["object"],
            record_id=None if pd.isna(row["record_id"]) else row["record_id"],
            kind=row["kind"],
            fields=fields[row["id"]],
            phone="" if pd.isna(row["phone"]) else row["phone"],
        )
        for row in heads.to_dict("records")
        if row["id"] in fields
    ]


def note(outcomes: pd.DataFrame, cells: pd.DataFrame, receipts: Sequence[Receipt]) -> None:
    """Enter receipts into the outcomes of the cells that were sent."""
    by_change = {receipt.change: receipt for receipt in receipts}
    outcomes.loc[cells.index, "outcome"] = [by_change[change].outcome.value for change in cells["change"]]
    outcomes.loc[cells.index, "record_id"] = [by_change[change].record_id or pd.NA for change in cells["change"]]
    outcomes.loc[cells.index, "reason"] = [by_change[change].reason or pd.NA for change in cells["change"]]


def by_change(plan: Plan, outcomes: pd.DataFrame) -> dict[str, str]:
    """Change → its outcome: the worst of what was sent; stale only when nothing of it was."""
    rank = {Outcome.FAILED: 0, Outcome.REFUSED: 1, Outcome.APPLIED: 2, Outcome.STALE: 3}
    ranked = outcomes["outcome"].map({outcome.value: n for outcome, n in rank.items()})
    names = {n: outcome.value for outcome, n in rank.items()}
    return {str(change): names[int(n)] for change, n in ranked.groupby(plan.cells["change"]).min().items()}
