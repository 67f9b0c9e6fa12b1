"""Commands whose words are settled and whose work is not built yet: they accept their arguments and say so."""

from typing import Any

import click

from tasks.core.errors import UsageError


def _argument(name: str, **more: Any) -> click.Argument:
    return click.Argument([name], **more)


def _option(name: str, **more: Any) -> click.Option:
    return click.Option([name], **more)


def _flag(name: str) -> click.Option:
    return click.Option([name], is_flag=True)


def _command(name: str, purpose: str, *params: click.Parameter) -> click.Command:
    def callback(**words: Any) -> None:
        raise UsageError(f"not built yet: `tandem {name}`; `tandem --help` lists what is")

    return click.Command(
        name,
        params=list(params),
        callback=callback,
        help=f"{purpose} Not built yet.",
        short_help=f"{purpose} Not built yet.",
    )


COMMANDS = (_command("up", "Server, schedules and worker in one."),)
