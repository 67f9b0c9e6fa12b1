"""What a run that logs communications did, as its caller is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Calls = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Logged:
    """`waiting` and `refused` are (communication id, reason); `unchanged` had nothing new to log."""

    run: str
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    waiting: Sequence[tuple[str, str]] = ()
    refused: Sequence[tuple[str, str]] = ()
    failed: int = 0
    api_calls: Calls = field(default_factory=dict)
