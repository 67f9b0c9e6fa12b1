"""Carrying out a plan, the part that needs no hands: what may still be written, in which batches, as which changes."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import pandas as pd

from tasks.core.authority import is_open
from tasks.core.frames import among, beside
from tasks.core.model import ALOWARE, HUBSPOT, SALESFORCE, SYSTEMS, Address, Change, Outcome, Receipt
from tasks.core.plan import ARCHIVE, Plan
from tasks.core.planning import staleness
from tasks.core.policy import Policy
from tasks.core.state import State

LEFT_OUT = "left out by a person"

# Changes between a peek and its writes: the window in which a person's edit can't be seen. Salesforce is peeked at
# 2,000 at a time, for one of a day's few calls, and written in seconds; elsewhere a wider window would save nothing.
WINDOW = {SALESFORCE: 2000, HUBSPOT: 200, ALOWARE: 200}


def not_attempted(plan: Plan) -> pd.DataFrame:
    """One row a cell: `outcome`, `record_id`, `reason`; stale until something is known. What a person left out is
    refused, as if its system had said so."""
    outcomes = pd.DataFrame(
        {"outcome": Outcome.STALE.value, "record_id": pd.NA, "reason": pd.NA}, index=plan.cells.index, dtype="str"
    )
    left_out = plan.cells["change"].isin(sorted(plan.left_out))
    outcomes.loc[left_out, ["outcome", "reason"]] = [Outcome.REFUSED.value, LEFT_OUT]
    return outcomes


def allowed(plan: Plan, state: State, policy: Policy) -> "pd.Series[bool]":
    """Per cell, whether its target may be written: by directions and pauses as they are now, not as planned."""
    cells = beside(plan.cells, plan.changes.set_index("id"), "change", ["system", "kind"])
    scopes = [
        f"{system}.create" if kind in ("create", ARCHIVE) else policy.scope(field, system)
        for system, kind, field in zip(cells["system"], cells["kind"], cells["field"], strict=True)
    ]
    writable = {scope: is_open(scope, state) for scope in set(scopes)}
    here = cells["system"].isin(sorted(state.connected - state.paused))
    two_way = pd.Series([writable[scope] for scope in scopes], index=cells.index, dtype="bool")
    return here & (two_way | cells["system"].eq(ALOWARE)) & ~cells["change"].isin(sorted(plan.held | plan.left_out))


def batches(plan: Plan) -> Iterator[tuple[str, pd.DataFrame]]:
    """(system, changes) in the order in which they are carried out."""
    for system in SYSTEMS:
        changes = plan.changes[plan.changes["system"] == system]
        for start in range(0, len(changes), WINDOW[system]):
            yield system, changes.iloc[start : start + WINDOW[system]]


def addresses(refs: Collection[str], phones: Mapping[str, str]) -> dict[str, list[Address]]:
    """System → where those records are found; Aloware's by the number that `phones` knows for the reference."""
    out: dict[str, list[Address]] = {}
    for ref in sorted(set(refs)):
        system, object_name, record_id = ref.split(":", 2)
        out.setdefault(system, []).append(Address(object_name, record_id, phones.get(ref, "")))
    return out


def unborn(phones: Iterable[str]) -> list[Address]:
    """Where an Aloware contact with one of those numbers would be found."""
    return [Address("contacts", "", phone) for phone in phones]


def numbers(plan: Plan, state: State, policy: Policy) -> dict[str, str]:
    """Reference of an Aloware contact that the plan stands on → the number under which it is found now."""
    name = next(n for n, field in policy.fields.items() if field.aloware and field.type == "phone")
    none = pd.Series([], dtype="str")
    seen = state.bases.get(name, none)
    seen = seen[among(seen.index, staleness.references(plan)["ref"])]
    known = pd.concat([seen, plan.advance.bases.get(name, none)])
    known = known[known.index.str.startswith(f"{ALOWARE}:") & known.notna()]
    own = plan.changes[(plan.changes["system"] == ALOWARE) & plan.changes["record_id"].notna()]
    direct = dict(zip(f"{ALOWARE}:" + own["object"] + ":" + own["record_id"], own["phone"], strict=True))
    found: dict[str, str] = known[~known.index.duplicated(keep="last")].to_dict()
    return found | _asking(plan) | direct


def _asking(plan: Plan) -> dict[str, str]:
    """Reference of an Aloware contact in which somebody typed a number that another one has → that number."""
    taken = plan.collisions[plan.collisions["kind"] == "number-taken"]
    claims = zip(taken["phone"], taken["records"], strict=True)
    return {ref: phone for phone, refs in claims for ref in json.loads(refs) if ref.startswith(f"{ALOWARE}:")}


def written(plan: Plan, outcomes: pd.DataFrame) -> tuple[list[str], dict[str, str]]:
    """References of the records that were written, and the phone number of each."""
    cells = beside(plan.cells, plan.changes.set_index("id"), "change", ["system", "object", "record_id", "phone"])
    cells["record_id"] = cells["record_id"].fillna(outcomes["record_id"])
    cells = cells[(outcomes["outcome"] == Outcome.APPLIED.value) & cells["record_id"].notna()]
    cells = cells.drop_duplicates(["system", "object", "record_id"])
    refs = list(cells["system"] + ":" + cells["object"] + ":" + cells["record_id"])
    return refs, dict(zip(refs, cells["phone"], strict=True))


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
