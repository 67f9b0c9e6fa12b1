"""The sandbox server: one world, three vendors' emulators and the control API, each on its port of loopback."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp

from tasks.sandbox import aloware, control, hubspot, salesforce
from tasks.sandbox.people import populate
from tasks.sandbox.serving import bind, listening, origin
from tasks.sandbox.store import Store
from tasks.sandbox.traffic import SYSTEMS, Log, Traffic
from tasks.sandbox.world import World

PORTS = ("control", *SYSTEMS)
STATE = "sandbox.sqlite"
VENDORS = {"salesforce": salesforce, "hubspot": hubspot, "aloware": aloware}


@dataclass(frozen=True)
class Ready:
    """A listening sandbox: the control API's origin, what `/ready` says, and the world itself (for tests)."""

    control: str
    ready: dict[str, dict[str, str]]
    world: World


@contextmanager
def sandbox(
    people: int = 0, seed: int = 7, home: Path | None = None, port: int | None = None, real_limits: bool = False
) -> Iterator[Ready]:
    """Serve a world from a background thread until the block ends, on `port` and the next three, or on free ports.

    Without a home the world lives in memory. A home that holds a world already is kept as it is, not seeded again.
    Raises OSError, naming the port, when one is taken.
    """
    listeners = bind([port + step for step in range(len(PORTS))] if port is not None else [0] * len(PORTS))
    store = Store(home / STATE if home else None)
    try:
        world = World(store, real_limits=real_limits)
        world.urls.update(zip(PORTS, map(origin, listeners), strict=True))
        _settle(world, people, seed)
        with listening(apps(world), listeners):
            yield Ready(world.urls["control"], control.ready(world), world)
    finally:
        for listener in listeners:
            listener.close()
        store.close()


def serve(
    port: int,
    people: int,
    seed: int,
    home: Path,
    real_limits: bool,
    on_ready: Callable[[dict[str, Any]], None] = lambda ready: None,
) -> None:
    """Serve until interrupted (ctrl-C); calls `on_ready` with what `/ready` says once all ports listen."""
    with suppress(KeyboardInterrupt), sandbox(people, seed, home, port, real_limits) as running:
        on_ready(running.ready)
        threading.Event().wait()


def _settle(world: World, people: int, seed: int) -> None:
    """Seed a world that is new."""
    if world.store.fact("sandbox.seeded") is None:
        populate(world, people, seed)
        world.store.remember("sandbox.seeded", {"people": people, "seed": seed})
    world.store.commit()


def apps(world: World) -> Sequence[ASGIApp]:
    """The control API and the three vendors, in the order of their ports."""
    log = Log()
    vendors = [Traffic(name, VENDORS[name].app(world), world, VENDORS[name].busy, log) for name in SYSTEMS]
    return [control.app(world, log), *vendors]
