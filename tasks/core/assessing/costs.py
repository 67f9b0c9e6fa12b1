"""What a first run costs: calls against the day's, hours at the pace of the systems' answers, and Aloware's price."""

from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True)
class Pace:
    """How quickly one system is asked: the mean `seconds` of an answer, how many are awaited side by side, how many
    calls a minute there may be (None: as many as are answered)."""

    seconds: float
    reads_at_once: int = 1
    writes_at_once: int = 1
    per_minute: int | None = None

    def hours(self, read: int, write: int) -> float:
        """How long that many calls take when nothing has to be asked twice."""
        answered = self.seconds * (read / self.reads_at_once + write / self.writes_at_once)
        admitted = 60 * (read + write) / self.per_minute if self.per_minute else 0.0
        return max(answered, admitted) / 3600


@dataclass(frozen=True)
class Cost:
    """The calls of a first run to one system: those `looked` that reading everything took, and those that its plan will
    `read` and `write`. `left` and `most` are the calls of the day (None: it doesn't say), `share` how much of what is
    left one run may use (None: all)."""

    system: str
    looked: int
    read: int
    write: int
    pace: Pace
    left: int | None = None
    most: int | None = None
    share: float | None = None

    @property
    def calls(self) -> int:
        return self.looked + self.read + self.write

    @property
    def hours(self) -> float:
        """Of all these calls."""
        return self.pace.hours(self.looked + self.read, self.write)

    @property
    def runs(self) -> int:
        """How many runs it takes when each may use its share of a day like this one."""
        if self.left is None or self.share is None:
            return 1
        return max(1, ceil(self.calls / max(1, int(self.left * self.share))))
