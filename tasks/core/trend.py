"""A run in numbers, for whoever wants to see which way things go."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Past:
    """A run's plan, counted: its changes by how they stand, what it could only report, and by system the calls that the
    run took (nothing where nobody kept them). `at`: ISO 8601, UTC."""

    run: str
    mode: str
    at: str
    changes: Mapping[str, int]
    conflicts: int
    collisions: int
    quarantine: int
    calls: Mapping[str, int] = field(default_factory=dict)
