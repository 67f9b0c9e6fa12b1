"""`assess`: what a first run will meet, do and cost."""

from pathlib import Path

import click


@click.command()
@click.option(
    "--out",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write what is to be set right there: a CSV a problem, and one an owner.",
)
def assess(out: Path | None) -> None:
    """What a first run will meet, do and cost."""
    from flows.assess import assess
    from flows.cli import assess_view
    from flows.cli.screen import Screen, working

    with working():
        made, files = assess(out)
    assess_view.show_assessment(Screen(), made, out, files)


COMMANDS = (assess,)
