"""`report`: a run as a page to read, to search and to show around."""

from pathlib import Path

import click


@click.command()
@click.argument("run")
@click.option(
    "--out", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Where to, if not the home."
)
def report(run: str, out: Path | None) -> None:
    """A run as an HTML page.

    RUN is a run's id or its plan's. The page needs no network, and masks phone numbers and e-mail addresses.
    """
    from flows.cli.screen import Screen
    from flows.report import report

    path = report(run, out)
    page = Screen()
    page.say(f"Written to {path}, for you alone: open it in a browser.")
    if out is not None:
        page.say("It lies where `tandem forget` doesn't look: delete it when it has served.", style="dim")


COMMANDS = (report,)
