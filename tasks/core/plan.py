"""The plan: what one run intends, why, and what it leaves alone. Built once, stored, carried out as stored."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pandas as pd

from tasks.core.state import Advance

ONE_TIME = "one-time"  # the mode of a plan that brings Salesforce's word to Aloware and teaches nothing else
UNDO = "undo"  # the mode of a plan that takes back what a run has written
ARCHIVE = "archive"  # the kind of a change that puts a record away; to readers, an update of the vendor's own property

CHANGES = ("id", "system", "object", "record_id", "person", "kind", "phone", "reason", "rule")
CELLS = ("change", "field", "property", "before", "after", "value", "sources")
REFUSED = ("system", "object", "record_id", "person", "kind", "phone", "field", "property", "before", "after", "reason")
CONFLICTS = ("id", "person", "field", "sides", "winner", "rule")
COLLISIONS = ("kind", "phone", "records", "chosen")
QUARANTINE = ("system", "object", "record_id", "reason")


@dataclass(frozen=True)
class Breaker:
    """A limit that fired: which, how much was asked, how much is allowed (shares of linked records); and the ids of the
    changes that it holds, none where a set of records can't be believed and nothing of it was planned."""

    name: str
    value: float
    limit: float
    holds: frozenset[str] = frozenset()

    @property
    def told(self) -> tuple[str, str]:
        """How much was asked and how much is allowed, for a person: most are shares; a limit of 0 counts rows."""
        share = 0 < self.limit <= 1
        asked, allowed = (
            f"{100 * n:.1f}".removesuffix(".0") + "%" if share else f"{n:g}" for n in (self.value, self.limit)
        )
        return asked, allowed


@dataclass(frozen=True)
class Finding:
    """A data-quality expectation that failed: on which set, how badly, and how many rows it names."""

    set: str
    expectation: str
    severity: str
    rows: int
    holds: bool = False


@dataclass(frozen=True)
class Verdict:
    """The gate's answer."""

    outcome: str = "pass"
    breakers: tuple[Breaker, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def held(self) -> frozenset[str]:
        """Ids of the changes that wait for a person; the rest may go."""
        return frozenset[str]().union(*(breaker.holds for breaker in self.breakers))


@dataclass(frozen=True)
class Plan:
    """One run's plan. Frames have the columns named above; all `str`, missing where there is nothing.

    `changes` one row a write to a record; `cells` one row a property of a change: `before` the raw value seen (missing
    on a create), `after` the raw value to send, `value` the canonical golden behind it (in an undo: what `after` reads
    as; of an archive: when the record was last modified, as the plan saw it), `sources` the references of the records
    whose values decided it, space-separated. `conflicts.sides` and `collisions.records` are JSON text.
    `versions` (a row a cell) say on what of the ledger each cell stands (see `planning.versions`). `overrides` are the
    breakers that a person lifted, `left_out` the changes that a person excepted from that, for good. A plan that is
    what is left of another one keeps that one's checksum in `whole`.
    """

    id: str
    run: str
    mode: str
    created_at: datetime
    changes: pd.DataFrame
    cells: pd.DataFrame
    refused: pd.DataFrame
    conflicts: pd.DataFrame
    collisions: pd.DataFrame
    quarantine: pd.DataFrame
    advance: Advance
    settled: int = 0
    verdict: Verdict = field(default_factory=Verdict)
    inputs: str = ""  # digest of snapshots, policy, directions and ledger state
    linked: Mapping[str, int] = field(default_factory=dict)  # linked records per system, the breakers' denominators
    forecast: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # the calls that applying it will take
    versions: "pd.Series[str] | None" = None
    overrides: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()
    whole: str = ""

    @property
    def people(self) -> list[str]:
        """Of whom it would change a record."""
        return list(self.changes["person"].dropna().unique())

    @property
    def waits(self) -> bool:
        """Whether the gate said hold and nobody has lifted all of it yet."""
        return any(breaker.name not in self.overrides for breaker in self.verdict.breakers)

    @property
    def held(self) -> frozenset[str]:
        """Ids of the changes that wait for a person still."""
        waiting = (breaker.holds for breaker in self.verdict.breakers if breaker.name not in self.overrides)
        return frozenset[str]().union(*waiting) - self.left_out

    @property
    def checksum(self) -> str:
        """Digest of what will be done and why, whatever its run is called and whenever it was made."""
        if self.whole:
            return self.whole
        digest = hashlib.sha256(self.inputs.encode())
        for frame in (self.changes, self.cells, self.refused, self.conflicts, self.collisions, self.quarantine):
            plain = frame.astype("object")  # the same text, in half the time
            digest.update(plain.to_json(orient="split", index=False).encode())
        return digest.hexdigest()
