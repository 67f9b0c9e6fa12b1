"""Evidence: what each plan was made from, kept beside the plan so that it can be made again (`tandem replay`).

    evidence/PLAN.json              of one plan: the policy, what was asked, and the names of its frames
    evidence/frames/DIGEST.parquet  a frame of the ledger's state, named by the SHA-256 of the file when it was written;
                                    plans that were made from the same state share it. Of a large one that hardly
                                    differs from what a plan before kept whole, only the difference (see `core.deltas`).
                                    Another frame names those whom the plan looked at, for the next one to go on from
    snapshots/RUN/SYSTEM/…          what that plan's run saw of the systems (see `snapshots`)

Where something personal stands in these files:

    links, absorbed, receipts, terms   no value: references of records and people
    people                             `key`: a phone number
    numbers                            `number`: phone numbers, present and former
    golden, bases                      every column but the references: names, e-mails, numbers, whatever is mapped
    settled                            `golden`, `value`; `reason` may quote a vendor
    decisions                          `value`; `sides` (JSON: system → value)
    PLAN.json                          `owed` (system, phone number), `asked.only` (phone numbers as somebody typed
                                       them), `accounts` (names of companies)

A frame may be rewritten in place, or go: its name is not checked, and a plan of which something is missing is said to
be pruned. A plan whose evidence was rewritten can't be made again: it has a `thinned_at`, and `load` refuses it.
"""

import hashlib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import msgspec
import pandas as pd

from tasks.core.deltas import delta, patched
from tasks.core.errors import UsageError
from tasks.core.evidence import Evidence
from tasks.core.looking.part import Looked, Part
from tasks.core.plan import Finding
from tasks.core.policy import Policy
from tasks.core.run import Asked
from tasks.core.state import State
from tasks.core.tally import Tally
from tasks.ledger.db import Database
from tasks.ledger.files import FileLost, make_folder, parquet, read_bytes, read_frame, write_bytes
from tasks.ledger.snapshots import Snapshots

FRAMES = tuple(part.name for part in fields(State) if part.type is pd.DataFrame)
LARGE = 10_000  # rows
HARDLY = 0.1  # of the rows: when more differ, the next plans differ from this one's frame


class Rest(msgspec.Struct):
    """What a plan was made from beside frames and snapshots; `frames`: part of the state → its file's name, `changed`:
    the same of what differs from that. `under`, `looked_at` (the file of the names) and `tallies` are for the next plan
    (see `looking.part.Looked`)."""

    frames: dict[str, str]
    policy: Policy
    asked: Asked
    statuses: dict[str, str]
    accepted: dict[str, int]
    findings: list[Finding]
    accounts: dict[str, list[str]]
    directions: dict[str, str]
    rebasing: list[str]
    paused: list[str]
    connected: list[str]
    owed: list[tuple[str, str]]
    once_in_crm: list[str]
    changed: dict[str, str] = {}
    elsewhere: list[tuple[str, str, int]] = []
    part: Part | None = None
    under: str = ""
    looked_at: str = ""
    tallies: dict[str, Tally] = {}


@dataclass(frozen=True)
class Evidences:
    database: Database
    snapshots: Snapshots

    def store(self, plan_id: str, evidence: Evidence, looked: Looked | None = None) -> None:
        """Keep all of it but the snapshots, which are kept with their run; and what it leaves to the next plan."""
        make_folder(make_folder(self._folder) / "frames")
        state, latest = evidence.state, {} if evidence.part else self._latest()
        kept = {name: self._kept(getattr(state, name), latest.get(name, "")) for name in FRAMES}
        rest = Rest(
            frames={name: whole for name, (whole, _) in kept.items()},
            changed={name: differs for name, (_, differs) in kept.items() if differs},
            policy=evidence.policy,
            asked=evidence.asked,
            statuses=dict(evidence.statuses),
            accepted=dict(evidence.accepted),
            findings=list(evidence.findings),
            accounts={name: list(ids) for name, ids in evidence.accounts.items()},
            directions=dict(state.directions),
            rebasing=sorted(state.rebasing),
            paused=sorted(state.paused),
            connected=sorted(state.connected),
            owed=sorted(state.owed),
            once_in_crm=sorted(state.once_in_crm),
            elsewhere=[(system, name, rows) for (system, name), rows in sorted(state.elsewhere.items())],
            part=evidence.part,
        )
        if looked is not None:
            names = pd.DataFrame({"name": pd.Series(sorted(looked.names), dtype="str")})
            rest.looked_at, rest.under, rest.tallies = self._keep(names), looked.under, looked.tallies
        write_bytes(self._folder / f"{plan_id}.json", msgspec.json.encode(rest))

    def load(self, plan_id: str, run: str) -> Evidence:
        """What that plan of that run was made from. Raises `UsageError` where it was never kept, or is gone."""
        path = self._folder / f"{plan_id}.json"
        with self.database.reading() as transaction:
            head = transaction.one("select_plan", id=plan_id)
        if head is not None and (head["erased_at"] or head["thinned_at"]) is not None:
            raise UsageError(f"run {run} can't be planned again: somebody in it was forgotten since")
        if not path.exists():
            raise _gone(run)
        rest = msgspec.json.decode(read_bytes(path), type=Rest)
        files = map(self._frame, [*rest.frames.values(), *rest.changed.values()])
        if not all(file.exists() for file in files) or not self.snapshots.kept(run):
            raise _gone(run)
        frames: dict[str, Any] = {name: self._read(name, rest) for name in rest.frames}
        state = State(
            **frames,
            elsewhere={(system, name): rows for system, name, rows in rest.elsewhere},
            directions=rest.directions,
            rebasing=frozenset(rest.rebasing),
            paused=frozenset(rest.paused),
            connected=frozenset(rest.connected),
            owed=frozenset(rest.owed),
            once_in_crm=frozenset(rest.once_in_crm),
        )
        return Evidence(
            state=state,
            policy=rest.policy,
            asked=rest.asked,
            statuses=rest.statuses,
            snapshots=self.snapshots.load(run),
            accepted=rest.accepted,
            findings=rest.findings,
            accounts=rest.accounts,
            part=rest.part,
        )

    def looked(self, plan_id: str) -> Looked | None:
        """What that plan left to the next one; None where there is nothing, or somebody was forgotten since."""
        with self.database.reading() as transaction:
            head = transaction.one("select_plan", id=plan_id)
        if head is None or (head["erased_at"] or head["thinned_at"]) is not None:
            return None
        try:
            rest = msgspec.json.decode(read_bytes(self._folder / f"{plan_id}.json"), type=Rest)
            names = read_frame(self._frame(rest.looked_at))["name"] if rest.looked_at else None
        except (FileLost, msgspec.DecodeError):
            return None
        return None if names is None else Looked(rest.under, frozenset(names), rest.tallies)

    @property
    def _folder(self) -> Path:
        return self.database.home / "evidence"

    def _frame(self, name: str) -> Path:
        return self._folder / "frames" / f"{name}.parquet"

    def _read(self, name: str, rest: Rest) -> pd.DataFrame:
        whole = read_frame(self._frame(rest.frames[name]))
        return patched(whole, read_frame(self._frame(rest.changed[name]))) if name in rest.changed else whole

    def _latest(self) -> dict[str, str]:
        """Part of the state → the file that the last plan made from all of it kept, or differed from."""
        try:
            for path in sorted(self._folder.glob("*.json"), reverse=True):
                rest = msgspec.json.decode(read_bytes(path), type=Rest)
                if rest.part is None:
                    return rest.frames
        except (ValueError, FileLost):  # one is damaged
            pass
        return {}

    def _kept(self, frame: pd.DataFrame, whole: str) -> tuple[str, str]:
        """The names of the files that make up a frame: one that is whole, and what differs from it (blank: nothing)."""
        differs = self._differs(whole, frame)
        if differs is None:
            return self._keep(frame), ""
        return whole, self._keep(differs) if len(differs) else ""

    def _differs(self, whole: str, frame: pd.DataFrame) -> pd.DataFrame | None:
        """How the frame differs from that one; None: it is to be kept whole."""
        if len(frame) < LARGE or frame.index.name is None:
            return None
        try:
            before = read_frame(self._frame(whole))
        except FileLost:
            return None
        if list(before.columns) != list(frame.columns):
            return None
        differs = delta(before, frame)
        return differs if len(differs) <= HARDLY * len(frame) else None

    def _keep(self, frame: pd.DataFrame) -> str:
        """Write a frame unless it is there already; gives its name."""
        content = parquet(frame)
        name = hashlib.sha256(content).hexdigest()
        path = self._frame(name)
        if not path.exists():
            write_bytes(path, content)
        return name


def _gone(run: str) -> UsageError:
    return UsageError(f"what run {run} was planned from is not kept any more: `tandem plan` looks at today")
