"""The command itself: its words, and how whatever goes wrong is said. Nothing heavy is imported for `--help`."""

import io
import os
import sys
from collections.abc import Sequence

import click

from flows.cli import (
    assess,
    changes,
    communications,
    conflicts,
    decisions,
    doctor,
    explain,
    mapping,
    privacy,
    report,
    statuses,
    systems,
    try_out,
)
from flows.cli.problems import complaint
from tasks import stopping
from tasks.core.errors import TandemError

PROBLEM = 1


class InOrder(click.Group):
    """Lists its commands in the order in which a newcomer needs them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(cls=InOrder, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def tandem() -> None:
    """Keeps Salesforce, HubSpot and Aloware agreeing about people: previewed, approved, explained, undone."""


for _command in (
    *try_out.COMMANDS,
    *systems.COMMANDS,
    *mapping.COMMANDS,
    *statuses.COMMANDS,
    *doctor.COMMANDS,
    *assess.COMMANDS,
    *changes.COMMANDS,
    *decisions.COMMANDS,
    *conflicts.COMMANDS,
    *explain.COMMANDS,
    *report.COMMANDS,
    *communications.COMMANDS,
    *privacy.COMMANDS,
):
    tandem.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    stopping.leave(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; gives back its exit code. Whatever goes wrong is one sentence on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without "→" shows "?", and the work goes on
    try:
        with stopping.heeded():
            code = tandem.main(arguments, prog_name="tandem", standalone_mode=False)
        sys.stdout.flush()
        return int(code or 0)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return error.exit_code
    except click.ClickException as error:
        path = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "tandem"
        return _say(f"{error.format_message()} `{path} --help` says what goes.", error.exit_code)
    except click.Abort:
        return _say("Interrupted. What was written is recorded: run the same command again to go on.", stopping.CODE)
    except TandemError as error:
        return _say(str(error), error.exit_code)
    except BrokenPipeError:  # whoever read us has seen enough; nothing is left to flush at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PROBLEM
    except Exception as error:
        return _say(complaint(error), PROBLEM)


def _say(sentence: str, code: int) -> int:
    from flows.cli.screen import sentence_of

    click.echo(sentence_of(sentence), err=True)
    return code
