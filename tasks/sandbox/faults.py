"""Scripted faults: what `POST /faults` asks for, used up one request at a time."""

from dataclasses import dataclass, field

KINDS = ("429", "503", "timeout", "reset", "lock", "expire", "partial", "lag")


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
