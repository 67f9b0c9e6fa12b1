"""All that a plan is made from. Whoever holds it can make the plan again, and asks nobody."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import msgspec
import pandas as pd

from tasks.core.looking.part import Part, narrowed
from tasks.core.model import ALOWARE, Schema, Snapshot
from tasks.core.plan import Finding
from tasks.core.planning.terms import renewed
from tasks.core.policy import Policy, digest_source
from tasks.core.run import Asked
from tasks.core.state import State
from tasks.core.statuses import reread
from tasks.core.tally import Tally


@dataclass(frozen=True)
class Evidence:
    """What a run knew when it planned.

    state      the ledger as it was, for the policy's fields; which systems are connected and paused is in it
    statuses   disposition id → HubSpot's status
    snapshots  system → what it looked like when nothing of it was in doubt any more
    accepted   system → rows of its last accepted snapshot, which the gate compares with
    findings   what was to be said before the gate looked
    part       None where `state` is the whole ledger; else `state` is of some people, and no other records count than
               theirs and those that `part` names
    accounts   name of a company → ids of the Accounts that are called so, as far as they were asked for
    """

    state: State
    policy: Policy
    asked: Asked
    statuses: Mapping[str, str]
    snapshots: Mapping[str, Snapshot]
    accepted: Mapping[str, int] = field(default_factory=dict)
    findings: Sequence[Finding] = ()
    accounts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    part: Part | None = None

    @property
    def schemas(self) -> dict[str, Schema]:
        return {system: snapshot.schema for system, snapshot in self.snapshots.items()}

    @property
    def users(self) -> dict[str, Mapping[str, str]]:
        """System → its active users: id → e-mail."""
        return {system: snapshot.users for system, snapshot in self.snapshots.items()}

    @property
    def counting(self) -> list[Snapshot]:
        """The snapshots, with no records but those that count."""
        return [self.counting_of(system) for system in self.snapshots]

    def counting_of(self, system: str) -> Snapshot:
        """The same of one system."""
        snapshot = self.snapshots[system]
        return narrowed(snapshot, self._refs) if self.part else snapshot

    @cached_property
    def _refs(self) -> "pd.Index[str]":
        strangers = self.part.strangers if self.part else ()
        return self.state.links.index.union(pd.Index(list(strangers), dtype="str"))

    @property
    def others(self) -> Mapping[str, Tally]:
        """System → the tally of all other records."""
        return self.part.others if self.part else {}

    def seeing(self, snapshot: Snapshot) -> "Evidence":
        """The same, with a closer look at one system."""
        return replace(self, snapshots={**self.snapshots, snapshot.system: snapshot})


def believed(evidence: Evidence) -> State:
    """What of the ledger still is about these systems and this policy, for what was asked."""
    state = reread(evidence.state, evidence.policy, evidence.statuses)
    state = renewed(state, evidence.policy, evidence.schemas)
    state = state.without_parked() if evidence.asked.retry_parked else state
    return state.without_tombstones(ALOWARE) if evidence.asked.objects else state  # a one-time pull brings them back


def judged_under(evidence: Evidence, more: Mapping[str, object]) -> str:
    """One digest of all that decides about everybody, beside what is known of each; `more` as the caller has it."""
    state, told = evidence.state, {system: [each.schema, each.users] for system, each in evidence.snapshots.items()}
    switches = dict(state.directions), sorted(state.paused), sorted(state.connected)
    content = msgspec.json.encode([told, evidence.statuses, *switches, more], order="deterministic")
    return hashlib.sha256(digest_source(evidence.policy) + content).hexdigest()


def inputs(policy: Policy, digests: Mapping[str, str], state: State) -> str:
    """One digest of all that decides a plan; `digests` are those of the snapshots' content, by system, `state` is the
    ledger of those whom the run looked at."""
    total = hashlib.sha256(digest_source(policy))
    moving = sorted(state.rebasing), sorted(state.owed)
    for part in (sorted(digests.items()), sorted(state.directions.items()), *moving):
        total.update(repr(part).encode())
    for frame in (state.links, state.people, state.golden, state.bases, state.settled, state.decisions):
        total.update(_frame_bytes(frame))
    return total.hexdigest()


def _frame_bytes(frame: pd.DataFrame) -> bytes:
    """The same bytes for the same content, whatever the order of rows and columns."""
    flat = frame.reset_index(drop=frame.index.name is None)  # without a name it says where a row stands
    flat = flat[sorted(map(str, flat.columns))].astype("str")
    hashes: bytes = pd.util.hash_pandas_object(flat, index=False).sort_values().to_numpy().tobytes()
    return hashes
