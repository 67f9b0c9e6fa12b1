"""Plans: stored by row so that they can be shown, queried and approved, and given back exactly as they were."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
import pandas as pd
from sqlalchemy import RowMapping

from tasks.core.errors import UsageError
from tasks.core.frames import among
from tasks.core.model import Receipt
from tasks.core.plan import CELLS, CHANGES, COLLISIONS, CONFLICTS, QUARANTINE, REFUSED, Plan, Verdict
from tasks.core.state import LINKS, PEOPLE, SETTLED, Advance, empty
from tasks.ledger.db import Database, Transaction, stamp
from tasks.ledger.files import FileLost, make_folder, read_frame, write_frame

PlanStatus = Literal["open", "held", "applied", "rejected", "superseded"]

PARTS = {  # the plan's frame → its columns, and the statement that stores one row of it
    "changes": (CHANGES, "insert_change"),
    "cells": (CELLS, "insert_cell"),
    "refused": (REFUSED, "insert_refused"),
    "conflicts": (CONFLICTS, "insert_conflict"),
    "collisions": (COLLISIONS, "insert_collision"),
    "quarantine": (QUARANTINE, "insert_quarantine"),
}


@dataclass(frozen=True)
class PlanHead:
    """A plan without its content."""

    id: str
    run: str
    mode: str
    checksum: str
    created_at: datetime
    status: PlanStatus
    policy: str = ""  # digest
    concluded: bool = False  # what it teaches was learned, of what isn't held
    lost: str = ""  # why it isn't whole any more


@dataclass(frozen=True)
class Plans:
    database: Database

    def store(self, plan: Plan, now: datetime, policy: str = "") -> None:
        """Keep a plan: held if the gate holds any of it, else open. A plan that was held before is superseded.

        `policy` is the digest of the one that it was made under.
        """
        path = Path("plans", plan.id)
        folder = make_folder(self.database.home / path)
        for part in fields(Advance):
            write_frame(folder / f"{part.name}.parquet", getattr(plan.advance, part.name))
        with self.database.writing() as transaction:
            transaction.run("supersede_held_plans", mode=plan.mode)
            transaction.run("insert_plan", **_head(plan, path), policy=policy)
            transaction.run("set_run_plan", run=plan.run, plan=plan.id)
            for name, (_, insert) in PARTS.items():
                transaction.each(insert, _rows(plan, name), {"plan": plan.id, "now": stamp(now)})

    def load(self, plan_id: str) -> Plan:
        """That plan, checked against its checksum. Raises `UsageError` when there is none, it was edited, or it isn't
        whole any more: then it can only be shown."""
        plan, head = self._read(plan_id)
        if lost := _lost(head):
            raise UsageError(f"plan {plan_id} {lost}: it can only be shown; `tandem plan` makes a new one")
        return plan

    def shown(self, plan_id: str) -> tuple[Plan, str]:
        """That plan as far as it is still known, and how it stands. Raises `UsageError` when there is none, or it was
        edited."""
        try:
            plan, head = self._read(plan_id)
            lost = _lost(head)
        except FileLost:
            plan, head = self._read(plan_id, files=False)
            lost = "can't be carried out or undone any more, for files of it are gone or damaged"
        return plan, ", and ".join(word for word in (head["status"], lost) if word)

    def _read(self, plan_id: str, files: bool = True) -> tuple[Plan, RowMapping]:
        """The plan and its head; without its files, nothing of what it teaches."""
        with self.database.reading() as transaction:
            head = _known(transaction, plan_id)
            parts: dict[str, Any] = {name: transaction.frame(f"select_{name}", {"plan": plan_id}) for name in PARTS}
            versions = transaction.frame("select_endings", {"plan": plan_id})["version"]
            status = transaction.frame("select_outcomes", {"plan": plan_id})
        plan = Plan(
            **parts,
            id=head["id"],
            run=head["run"],
            mode=head["mode"],
            created_at=datetime.fromisoformat(head["created_at"]),
            advance=self._advance(head["path"] if files else ""),
            settled=head["settled"],
            verdict=msgspec.json.decode(head["verdict"], type=Verdict),
            inputs=head["inputs"],
            linked=msgspec.json.decode(head["linked"], type=dict[str, int]),
            forecast=msgspec.json.decode(head["forecast"], type=dict[str, dict[str, int]]),
            versions=versions,
            overrides=frozenset(msgspec.json.decode(head["overrides"], type=list[str])),
            left_out=frozenset(status.loc[status["status"] == "left out", "id"]),
        )
        if head["erased_at"] is not None:
            return replace(plan, whole=head["checksum"]), head
        if plan.checksum != head["checksum"]:
            raise UsageError(
                f"plan {plan_id} was edited in the database since it was made; `tandem plan` makes a new one"
            )
        return plan, head

    def _advance(self, path: str) -> Advance:
        """What the plan teaches; nothing, where its files aren't kept any more."""
        if not path:
            frames = (empty(LINKS, "ref"), empty(PEOPLE, "person"), empty((), "person"), empty(("person",), "ref"))
            return Advance(*frames, empty(SETTLED))
        folder = self.database.home / path
        return Advance(*(read_frame(folder / f"{part.name}.parquet") for part in fields(Advance)))

    def status(self, plan_id: str) -> PlanStatus:
        """Raises `UsageError` when there is no such plan."""
        return self.head(plan_id).status

    def head(self, plan_id: str) -> PlanHead:
        """Raises `UsageError` when there is no such plan."""
        with self.database.reading() as transaction:
            row = _known(transaction, plan_id)
        known = {name: row[name] for name in ("id", "run", "mode", "checksum", "status", "policy")}
        created_at = datetime.fromisoformat(row["created_at"])
        concluded = row["concluded_at"] is not None
        return PlanHead(**known, created_at=created_at, concluded=concluded, lost=_lost(row))

    def mark(self, plan_id: str, status: PlanStatus) -> None:
        """Raises `UsageError` when there is no such plan."""
        with self.database.writing() as transaction:
            _known(transaction, plan_id)
            transaction.run("set_plan_status", id=plan_id, status=status)

    def mark_changes(self, plan_id: str, receipts: Sequence[Receipt]) -> None:
        """How changes ended. The plan as planned, and so its checksum, stays what it was."""
        rows = (
            {"plan": plan_id, "id": receipt.change, "status": receipt.outcome.value, "note": receipt.reason}
            for receipt in receipts
        )
        with self.database.writing() as transaction:
            transaction.many("set_change_status", rows)

    def release(self, plan: Plan) -> None:
        """A person lifted the plan's `overrides`: what isn't held any more is planned, `left_out` is out for good."""
        with self.database.writing() as transaction:
            transaction.run(
                "override_breakers", id=plan.id, overrides=msgspec.json.encode(sorted(plan.overrides)).decode()
            )
            transaction.many("leave_out_change", ({"plan": plan.id, "id": change} for change in sorted(plan.left_out)))
            freed = plan.verdict.held - plan.held - plan.left_out
            transaction.many("release_change", ({"plan": plan.id, "id": change} for change in sorted(freed)))

    def endings(self, plan_id: str) -> pd.DataFrame:
        """Of each of the plan's cells: `change`, `field`, `outcome` (missing: it wasn't attempted), `version`."""
        with self.database.reading() as transaction:
            return transaction.frame("select_endings", {"plan": plan_id})

    def conclude(self, plan_id: str, endings: pd.DataFrame, now: datetime) -> None:
        """What the plan teaches was learned, and its cells (columns `change`, `field`, `outcome`) ended like this."""
        with self.database.writing() as transaction:
            transaction.each("set_cell_ending", endings, {"plan": plan_id})
            transaction.run("conclude_plan", id=plan_id, now=stamp(now))

    def stand_on(self, plan_id: str, versions: pd.DataFrame) -> None:
        """Cells that wait (columns `change`, `field`, `version`) stand on what the ledger has learned since."""
        with self.database.writing() as transaction:
            transaction.each("set_cell_version", versions, {"plan": plan_id})

    def outcomes(self, plan_id: str) -> pd.DataFrame:
        """How each change stands: `id`, `status`, `note`, in the plan's order."""
        with self.database.reading() as transaction:
            return transaction.frame("select_outcomes", {"plan": plan_id})

    def conflicts_since(self, plan_id: str) -> dict[str, str]:
        """Conflict id → the time of the first plan that had it."""
        with self.database.reading() as transaction:
            return {row["id"]: row["since"] for row in transaction.rows("select_conflicts_since", plan=plan_id)}

    def refused_since(self, plan_id: str) -> list[str]:
        """For each row of the plan's `refused`: the time of the first plan that refused that cell."""
        with self.database.reading() as transaction:
            return [row["since"] for row in transaction.rows("select_refused_since", plan=plan_id)]

    def recent(self, count: int = 20) -> list[PlanHead]:
        """The plans made last, newest first."""
        with self.database.reading() as transaction:
            rows = transaction.rows("select_recent_plans", count=count)
        return [PlanHead(**{**row, "created_at": datetime.fromisoformat(row["created_at"])}) for row in rows]


def _known(transaction: Transaction, plan_id: str) -> RowMapping:
    head = transaction.one("select_plan", id=plan_id)
    if head is None:
        raise UsageError(f"there is no plan {plan_id!r}; `tandem status` names the latest")
    return head


def _lost(head: RowMapping) -> str:
    """Why a plan isn't whole any more; blank when it is."""
    if head["erased_at"] is not None:
        return f"is blank where it told of somebody who was forgotten on {head['erased_at'][:10]}"
    return "" if head["path"] else "is older than the policy keeps what it takes to carry out or undo one"


def _head(plan: Plan, path: Path) -> dict[str, object]:
    return {
        "id": plan.id,
        "run": plan.run,
        "mode": plan.mode,
        "checksum": plan.checksum,
        "created_at": stamp(plan.created_at),
        "status": "held" if plan.waits else "open",
        "verdict": msgspec.json.encode(plan.verdict, order="deterministic").decode(),
        "inputs": plan.inputs,
        "settled": plan.settled,
        "linked": msgspec.json.encode(dict(plan.linked)).decode(),
        "forecast": msgspec.json.encode(plan.forecast).decode(),
        "path": path.as_posix(),
    }


def _rows(plan: Plan, name: str) -> pd.DataFrame:
    """The rows of one of the plan's frames, numbered: the checksum depends on their order."""
    columns, _ = PARTS[name]
    frame: pd.DataFrame = getattr(plan, name)
    if tuple(frame.columns) != columns:
        raise ValueError(f"a plan's {name} have the columns {columns}, not {tuple(frame.columns)}")
    rows = frame.assign(position=range(len(frame)))
    if name == "changes":
        return rows.assign(status=np.where(among(rows["id"], plan.held), "held", "planned"))
    return rows.assign(version=plan.versions) if name == "cells" else rows
