"""Scripted faults: what `POST /faults` asks for, used up one request at a time.

What happens around every call is `Traffic`'s, the rest each vendor's:

429, 429-bare  too many calls, with and without `Retry-After`; nothing is done
503, html      away, or a web page with status 200 where JSON was due; nothing is done
reset          the connection ends without an answer; nothing is done
timeout        the work is done and no answer comes
truncated      the work is done; the answer ends in the middle and the connection with it (a CSV: by its vendor)
lock, expire, partial, lag, short     a locked row, an ended session, half a batch, a search index that is behind, a
               page with fewer rows than asked for
"""

from dataclasses import dataclass, field

KINDS = (
    "429", "429-bare", "503", "html", "timeout", "reset", "truncated", "lock", "expire", "partial", "lag", "short",
)  # fmt: skip


@dataclass
class Fault:
    """The next `times` requests to `system` whose path contains `match` suffer `kind`."""

    system: str
    kind: str
    times: int = 1
    match: str = ""


@dataclass
class Faults:
    """The faults still to come, in the order they were asked for."""

    pending: list[Fault] = field(default_factory=list)

    def take(self, system: str, kind: str, path: str) -> bool:
        """Whether this request must suffer `kind` now; takes one from that fault's count."""
        for fault in self.pending:
            if fault.system == system and fault.kind == kind and fault.match in path:
                fault.times -= 1
                if fault.times <= 0:
                    self.pending.remove(fault)
                return True
        return False
