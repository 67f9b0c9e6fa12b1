"""Which process this is, and whether another one still runs. On systems without /proc only the process id counts."""

import os
import socket
from functools import cache
from pathlib import Path

DEAD_STATES = ("Z", "X")  # a zombie was killed and not yet buried by its parent


@cache
def host() -> str:
    """This machine and process table. Two machines may share a name, and containers of one machine see other ids."""
    parts = (_read("/etc/machine-id"), _link("/proc/self/ns/pid"))
    return "/".join([socket.gethostname(), *(part for part in parts if part)])


@cache
def boot() -> str:
    """Changes when the machine is started anew: process ids of before mean nothing any more."""
    return _read("/proc/sys/kernel/random/boot_id")


def identity() -> dict[str, object]:
    """What tells this process from every other one."""
    pid = os.getpid()
    return {"host": host(), "boot": boot(), "pid": pid, "started": _stat(pid)[1]}


def lives(pid: int, started: str) -> bool:
    """Whether that very process still runs, not another one under its id."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it runs, as somebody else
    state, begun = _stat(pid)
    return state not in DEAD_STATES and (not begun or begun == started)


def _stat(pid: int) -> tuple[str, str]:
    """A process's state and start time in clock ticks since boot; blank where that can't be read."""
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return (fields[0], fields[19]) if fields else ("", "")


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _link(path: str) -> str:
    try:
        return str(Path(path).readlink())
    except OSError:
        return ""
