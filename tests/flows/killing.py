"""Kills a real `tandem` process with SIGKILL, where one says, while it works in an office.

Processes are forked from a server that has imported everything, for a kill would otherwise cost two seconds of imports.
A blow falls when the process has made so many requests to vendors (before the vendor hears of it, or after it has done
the work and before it answers), or at a named point of the ledger's work (before or after that step).
"""

import json
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import wraps
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any, Literal

import pytest

from tasks.sandbox import traffic
from tasks.sandbox.world import World
from tests.flows.worlds import Office

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.flows.killing_preload"])

# Where the ledger's work can be cut: module, class ("" for a function of the module), name.
POINTS = {
    "intend": ("tasks.ledger.outbox", "Outbox", "intend"),
    "receive": ("tasks.ledger.outbox", "Outbox", "receive"),
    "advance": ("tasks.ledger.memory", "Memory", "advance"),
    "store plan": ("tasks.ledger.plans", "Plans", "store"),
    "mark changes": ("tasks.ledger.plans", "Plans", "mark_changes"),
    "conclude plan": ("tasks.ledger.plans", "Plans", "conclude"),
    "stand on": ("tasks.ledger.plans", "Plans", "stand_on"),
    "mark plan": ("tasks.ledger.plans", "Plans", "mark"),
    "store snapshots": ("tasks.ledger.snapshots", "Snapshots", "store"),
    "accept snapshots": ("tasks.ledger.snapshots", "Snapshots", "accept"),
    "rebased": ("tasks.ledger.connections", "Connections", "rebased"),
    "journal": ("tasks.ledger.journal", "Journal", "append"),
    "begin run": ("tasks.ledger.runs", "Runs", "begin"),
    "finish run": ("tasks.ledger.runs", "Runs", "finish"),
    "take lease": ("tasks.ledger.lease", "Lease", "_take"),
    "file of a snapshot": ("tasks.ledger.snapshots", "", "write_frame"),
    "file of a plan": ("tasks.ledger.plans", "", "write_frame"),
    "rows": ("tasks.ledger.db", "Transaction", "many"),  # inside a transaction
}
OFTEN = {
    "write": 14,
    "request": 90,
    "intend": 5,
    "receive": 16,
    "advance": 2,
    "journal": 3,
    "rows": 60,
    "file of a snapshot": 4,
}
OFTEN |= {"file of a plan": 10, "mark plan": 1}


@dataclass(frozen=True)
class Blow:
    """Where a process is killed: before or after the `turn`-th request, write request, or passing of a point."""

    what: str  # "request", "write" or one of POINTS
    turn: int
    when: Literal["before", "after"]
    signals: tuple[int, ...] = (signal.SIGKILL,)  # at a request also others, which it may survive

    def __str__(self) -> str:
        return f"{self.when} {self.what} {self.turn}"


def some_blow(dice: Random) -> Blow:
    """Two in five at a write, one in five at any request, two in five at a point of the ledger's work. Rather early
    than late, for what has been killed once has less to do the next time."""
    when: Literal["before", "after"] = dice.choice(["before", "after"])
    what = dice.choice(["write", "write", "request", "point", "point"])
    what = dice.choice(list(POINTS)) if what == "point" else what
    most = OFTEN.get(what, 1)
    return Blow(what, min(dice.randint(1, most), dice.randint(1, most)), when)


@dataclass
class Ended:
    """How a process ended: its exit code (negative: the signal), and what it said."""

    code: int
    out: str
    err: str

    @property
    def killed(self) -> bool:
        return self.code == -signal.SIGKILL

    @property
    def told(self) -> dict[str, Any]:
        """The one JSON object that it printed."""
        return dict(json.loads(self.out))


@dataclass
class Gun:
    """Kills a process at its n-th request to one world's vendors. `pid` finds it when that is there."""

    world: World
    blow: Blow
    pid: Callable[[], int | None]
    seen: int = 0
    fired: bool = False

    def strikes(self, write: bool) -> bool:
        """Whether this request is the one."""
        counts = self.blow.what == "request" or (self.blow.what == "write" and write)
        self.seen += counts
        return counts and self.seen == self.blow.turn

    def fire(self) -> None:
        pid = self.pid()
        assert pid is not None, "nobody is there who could have asked"
        self.fired = True
        for number in self.blow.signals:
            os.kill(pid, number)


def nothing() -> None:
    """What is done to a process that may work as it likes."""


@dataclass
class Range:
    """Where processes work and are killed. Use it in `shooting()`."""

    folder: Path
    _guns: list[Gun] = field(default_factory=list)

    def start(
        self, office: Office, words: Sequence[str], blow: Blow | None = None, handicap: Callable[[], None] = nothing
    ) -> Callable[[], Ended]:
        """Start `tandem` with those words in that office; the call that is given back waits for its end. `handicap` is
        done to the process first."""
        said = self.folder / f"{office.home.parent.name}.out", self.folder / f"{office.home.parent.name}.err"
        process = FORKS.Process(target=_work, args=(office.environment, list(words), blow, handicap, *map(str, said)))
        with ExitStack() as aiming:
            if blow:
                aiming.enter_context(self.aim(office.running.world, blow, lambda: process.pid))
            process.start()
            armed = aiming.pop_all()

        def ended() -> Ended:
            process.join()
            armed.close()
            assert process.exitcode is not None
            return Ended(process.exitcode, *(path.read_text(encoding="utf-8") for path in said))

        return ended

    def run(
        self, office: Office, *words: str, blow: Blow | None = None, handicap: Callable[[], None] = nothing
    ) -> Ended:
        return self.start(office, words, blow, handicap)()

    @contextmanager
    def aim(self, world: World, blow: Blow, pid: Callable[[], int | None]) -> Iterator[Gun]:
        """Until the block ends, deal that blow to whoever works in that world."""
        gun = Gun(world, blow, pid)
        self._guns.append(gun)
        try:
            yield gun
        finally:
            self._guns.remove(gun)

    def aimed(self, world: World, write: bool) -> Gun | None:
        return next((gun for gun in self._guns if gun.world is world and gun.strikes(write)), None)


@contextmanager
def shooting(folder: Path) -> Iterator[Range]:
    """Vendors of this process's sandboxes kill those who are aimed at."""
    ground, work = Range(folder), traffic.Traffic._work

    async def dangerous(self: traffic.Traffic, scope: Any, body: bytes, receive: Any) -> Any:
        write = traffic.writes(self._system, scope["method"], scope["path"], body)
        gun = ground.aimed(self._world, write)
        if gun and gun.blow.when == "before":
            gun.fire()
            if signal.SIGKILL in gun.blow.signals:
                return _silence()
        answer = await work(self, scope, body, receive)
        if gun and gun.blow.when == "after":
            gun.fire()
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(traffic.Traffic, "_work", dangerous)
        yield ground


def _silence() -> list[dict[str, Any]]:
    """An answer to somebody who is gone."""
    return [
        {"type": "http.response.start", "status": 503, "headers": []},
        {"type": "http.response.body", "body": b""},
    ]


# In the process.


def _work(
    environment: Mapping[str, str],
    words: list[str],
    blow: Blow | None,
    handicap: Callable[[], None],
    out: str,
    err: str,
) -> None:
    """`tandem` with those words, from now on this process: in that environment, and not in the one of whichever test
    was the first to start a process."""
    for name in [name for name in os.environ if name.startswith(("TANDEM_", "PREFECT_API_"))]:
        del os.environ[name]
    os.environ.update(environment)
    for stream, path in ((sys.stdout, out), (sys.stderr, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), stream.fileno())
    if blow and blow.what in POINTS:
        _undermine(blow)
    handicap()
    command = import_module("flows.cli.command")
    code = command.run(words)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _undermine(blow: Blow) -> None:
    """Let this process die at that point."""
    module_name, class_name, name = POINTS[blow.what]
    module = import_module(module_name)
    place = getattr(module, class_name) if class_name else module
    done = getattr(place, name)
    passed = 0

    @wraps(done)
    def deadly(*args: Any, **kwargs: Any) -> Any:
        nonlocal passed
        passed += 1
        if passed == blow.turn and blow.when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = done(*args, **kwargs)
        if passed == blow.turn:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(place, name, deadly)
