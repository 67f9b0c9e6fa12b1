"""A run in numbers, for whoever wants to see which way things go."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Past:
    """A run's plan, counted: its changes by how they stand, and what it could only report. `at`: ISO 8601, UTC."""

    run: str
    mode: str
    at: str
    changes: Mapping[str, int]
    conflicts: int
    collisions: int
    quarantine: int
