"""Commands whose words are settled and whose work is not built yet: they say so."""

import click

from tasks.core.errors import UsageError


def _command(name: str, purpose: str) -> click.Command:
    def callback() -> None:
        raise UsageError(f"not built yet: `tandem {name}`; `tandem --help` lists what is")

    words = f"{purpose} Not built yet."
    return click.Command(name, callback=callback, help=words, short_help=words)


COMMANDS = (_command("up", "Server, schedules and worker in one."),)
