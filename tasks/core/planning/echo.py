"""Writes of which nobody heard again: whether the systems hold what we sent, and what that makes of their plan."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import pandas as pd

from tasks.core.model import ALOWARE, Address, Change, Receipt, Snapshot, reference
from tasks.core.plan import ARCHIVE, Plan
from tasks.core.planning import apply
from tasks.core.policy import Policy


def in_a_list(change: Change) -> bool:
    """Whether only a list of records can tell if it happened: a create in a CRM, of which we have no id."""
    return change.record_id is None and change.system != ALOWARE


def addresses(changes: Iterable[Change]) -> dict[str, list[Address]]:
    """System → where to look for what those changes did, as far as there is an address for it."""
    out: dict[str, list[Address]] = {}
    for change in changes:
        if not in_a_list(change):
            address = Address(change.object, change.record_id or "", change.phone)
            out.setdefault(change.system, []).append(address)
    return out


def as_snapshots(changes: Sequence[Change], now: datetime, users: Mapping[str, Mapping[str, str]]) -> list[Snapshot]:
    """What was sent, as if it had been pulled; a record's id is the position of its change. `users` by system."""
    frames: dict[str, dict[str, list[dict[str, str]]]] = {}
    for position, change in enumerate(changes):
        rows = frames.setdefault(change.system, {}).setdefault(change.object, [])
        rows.append({**change.fields, "record_id": str(position)})
    return [
        Snapshot(
            system=system,
            taken_at=now,
            frames={name: pd.DataFrame(rows, dtype="str") for name, rows in objects.items()},
            users=users.get(system, {}),
        )
        for system, objects in frames.items()
    ]


def found(
    changes: Sequence[Change], sent: pd.DataFrame, there: pd.DataFrame, links: pd.DataFrame, policy: Policy
) -> list[str | None]:
    """For each change the id of the record that holds all that it sent, in the vendor's form or ours; None: there is
    none. A create's has its number and is linked to nobody; an archived one's isn't there any more. `sent` and `there`
    are normalised."""
    strangers = there[~there.index.isin(links.index)].reset_index(names="ref")
    by_number = strangers.groupby(["system", "object", "key"])["ref"].agg(list)
    out: list[str | None] = []
    for position, change in enumerate(changes):
        if change.kind == ARCHIVE:
            stays = reference(change.system, change.object, change.record_id or "") in there.index
            out.append(None if stays else change.record_id)
            continue
        mine = pd.Series(sent.loc[reference(change.system, change.object, str(position))])
        refs = by_number.get((change.system, change.object, mine["key"]), [])
        if change.record_id:
            refs = [reference(change.system, change.object, change.record_id)]
        names = [name for name, prop in policy.mapped(change.system, change.object).items() if prop in change.fields]
        holding = [ref for ref in refs if ref in there.index and _holds(pd.Series(there.loc[ref]), mine, names)]
        out.append(str(there.at[min(holding), "record_id"]) if holding else None)
    return out


def _holds(record: "pd.Series[str]", sent: "pd.Series[str]", names: Iterable[str]) -> bool:
    record, sent = record.fillna(""), sent.fillna("")
    return all(record[name] == sent[name] or record[f"{name}_raw"] == sent[f"{name}_raw"] for name in names)


def outcomes(plan: Plan, sent: Mapping[str, Change], receipts: Sequence[Receipt]) -> pd.DataFrame:
    """How the plan's cells ended, by what was sent for each of its changes and the answers; as `apply.not_attempted`
    shapes it."""
    out = apply.not_attempted(plan)
    asked = plan.cells[plan.cells["change"].isin([receipt.change for receipt in receipts])]
    theirs = [prop in sent[change].fields for change, prop in zip(asked["change"], asked["property"], strict=True)]
    apply.note(out, asked[pd.Series(theirs, index=asked.index, dtype="bool")], receipts)
    return out


def bases(changes: Sequence[Change], sent: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """What was sent (`sent` is normalised), by the reference of the record that has it; of what wasn't, nothing."""
    rows = {}
    for position, change in enumerate(changes):
        mine = pd.Series(sent.loc[reference(change.system, change.object, str(position))])
        names = [name for name, prop in policy.mapped(change.system, change.object).items() if prop in change.fields]
        columns = [column for name in names for column in (name, f"{name}_raw")]
        rows[reference(change.system, change.object, change.record_id or "")] = mine[columns]
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("ref").astype("str")
