"""What a run that logs communications did, as its caller is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tasks.core.communications.export import Listed

Calls = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Logged:
    """`waiting` and `refused` are (communication id, reason); `unchanged` had nothing new to log; `listed` is what came
    of the export, where there is one. `held`: why nothing was logged, for it would be there twice."""

    run: str
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    waiting: Sequence[tuple[str, str]] = ()
    refused: Sequence[tuple[str, str]] = ()
    failed: int = 0
    listed: Listed = field(default_factory=Listed)
    held: Sequence[str] = ()
    api_calls: Calls = field(default_factory=dict)
