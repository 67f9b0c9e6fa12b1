"""The whole story on a fresh sandbox: connect, plan, judge, write, and a day in the life of the three systems."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flows.cli.screen import Screen
from flows.local_server import local_server
from tasks.sandbox.acting import Person
from tasks.sandbox.server import sandbox
from tasks.settings import VARIABLES, Settings, adopt


def demo(people: int) -> None:
    """Tell the story with that many seeded people. Every run in it is a Prefect flow run on a local server."""
    home = Settings.load().home / "demo"
    shutil.rmtree(home, ignore_errors=True)
    Screen().say(f"Starting a sandbox with {people:,} made-up people, and a Prefect server. A minute, all in all.")
    with sandbox(people=people, home=home / "sandbox") as world, local_server(home) as api_url:
        adopt(_environment(home, api_url, world.ready))
        from flows.demo_story import Story  # only now: the server starts while nothing heavy is imported yet

        person = Person(world.control, world.ready)
        try:
            Story(person, api_url).tell()
        finally:
            person.close()


def _environment(home: Path, api_url: str, ready: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """What a person would export to point Tandem at this sandbox and this server; the default policy, a new ledger."""
    return {
        "TANDEM_HOME": str(home),
        "TANDEM_DATABASE_URL": "",
        "TANDEM_POLICY": "",
        "PREFECT_API_URL": api_url,
        **{name: ready[system][key] for name, (system, key) in VARIABLES.items()},
    }
