"""`sandbox`, `demo` and `up`: three made-up vendors on this machine, to try everything on; and all of it at once."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from flows.cli.screen import Screen
    from flows.up import Places

people_option = click.option(
    "--people", type=click.IntRange(min=0), default=200, show_default=True, help="How many people are made up."
)


@click.command()
@people_option
def demo(people: int) -> None:
    """The whole story on a fresh sandbox."""
    from flows.demo import demo

    demo(people)


@click.command()
@click.option("--port", type=click.IntRange(1, 65532), default=8800, show_default=True, help="Of the control API.")
@people_option
@click.option("--seed", type=int, default=7, show_default=True, help="The same seed makes the same people.")
@click.option("--home", type=click.Path(file_okay=False, path_type=Path), help="Where it keeps its state.")
@click.option("--limits", type=click.Choice(["real"]), help="Apply the vendors' rate limits.")
def sandbox(port: int, people: int, seed: int, home: Path | None, limits: str | None) -> None:
    """Emulators of the three vendors, until ctrl-C.

    Salesforce listens on port + 1, HubSpot on + 2, Aloware on + 3.
    """
    from tasks.core.errors import UsageError
    from tasks.ledger.files import make_folder
    from tasks.sandbox.server import serve
    from tasks.settings import Settings

    place = make_folder(home or make_folder(Settings.load().home) / "sandbox")
    try:
        serve(port, people, seed, place, limits == "real", on_ready=lambda ready: _announce(ready, port))
    except OSError as error:
        raise UsageError(f"{error.strerror or error}; choose another with `tandem sandbox --port`") from None


def _announce(ready: dict[str, Any], port: int) -> None:
    """What listens where, and the lines that point Tandem at it."""
    from tasks.settings import VARIABLES

    lines = ["The sandbox listens:"]
    lines += [f"  {system:<11}{ready[system]['url']}" for system in ready]
    lines += [f"  {'control':<11}http://127.0.0.1:{port}", "", "To use it, paste this into another terminal:", ""]
    lines += [f"export {name}={ready[system][key]}" for name, (system, key) in VARIABLES.items()]
    lines += ["", "Then: tandem connect salesforce. Ctrl-C stops the sandbox; its state is kept."]
    for line in lines:
        click.echo(line)


@click.command()
@click.option("--port", type=click.IntRange(1, 65514), default=8800, show_default=True, help="The first of its ports.")
def up(port: int) -> None:
    """Sandbox or real systems, Prefect's UI, worker and listener, until ctrl-C.

    Without the systems' variables in the environment it starts a sandbox at PORT and the next three. The inbox listens
    at PORT + 10, Prefect's UI is at PORT + 20, and the runs' reports are at PORT + 21.
    """
    from flows.cli.screen import Screen
    from flows.up import up

    page = Screen()
    page.say("Starting Prefect's server, a worker and the listener. Half a minute.")
    try:
        up(port, lambda places: _show_places(page, places))
    except KeyboardInterrupt:
        page.say()
        page.say("Stopped. What is in the home is kept: `tandem up` goes on with it.")


def _show_places(page: "Screen", places: "Places") -> None:
    rows = [("Prefect's UI", places.ui), ("listener", f"{places.inbox}/aloware, {places.inbox}/hubspot")]
    rows += [("reports of runs", places.reports)]
    rows += [(f"sandbox: {name}", url) for name, url in places.sandbox]
    page.table("Tandem is up", ("what", "where"), [*rows, ("home", str(places.home))])
    page.say()
    if places.sandbox:
        page.say(f"Next: open {places.ui}, Deployments, one-time-pull, Run.")
    else:
        page.say(f"Next: open {places.ui}, Deployments, connect, Run: once for each of your systems.")
    page.say(f"To use `tandem` beside it in another terminal: . {places.exports}")
    page.say("Ctrl-C stops all of it.")


COMMANDS = (demo, sandbox, up)
