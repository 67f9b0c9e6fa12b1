"""What a report is told of a run. Values are whole here; the page masks whatever it prints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tasks.core.plan import Plan
from tasks.core.render import Since
from tasks.core.run import Calls
from tasks.core.trend import Past

UNSETTLED = "unsettled"  # how a change stands that was sent by a run which never said how that ended


@dataclass(frozen=True)
class Line:
    """Something that happened to the run: who did what, when; `details` as a person reads them."""

    at: str
    who: str
    what: str
    details: str


@dataclass(frozen=True)
class Account:
    """What carrying out the plan took and left: calls of that and of the whole sitting, values that didn't stick as
    (system, field, reason, how many), and whether anything was left to do (None: that couldn't be said)."""

    spent: Calls
    api_calls: Calls
    residuals: Sequence[tuple[str, str, str, int]] = ()
    converged: bool | None = None


@dataclass(frozen=True)
class Story:
    """A run as the ledger knows it. `plan` is None where it made none; `status` is how the plan stands, `standing` how
    each of its changes does (by id: word and note), `names` people's names by person, `trend` oldest first."""

    run: str
    mode: str
    started_at: datetime
    told_at: datetime
    finished_at: datetime | None = None
    outcome: str | None = None
    at_work: bool = False
    plan: Plan | None = None
    status: str = ""
    standing: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    since: Since = field(default_factory=Since)
    account: Account | None = None
    lines: Sequence[Line] = ()
    trend: Sequence[Past] = ()
